# SPDX-License-Identifier: GPL-3.0-or-later
# Man pages: docs/man/NAME.SECTION.scd becomes NAME.SECTION where scdoc is installed, the guide's pages about modules become
# almanac-PAGE.7 where lowdown is, and each module named in a heading there a page that leads to it; elsewhere there are none, and
# no error.

set(man ${CMAKE_BINARY_DIR}/man)
set(built)

find_program(SCDOC scdoc)
if(SCDOC)
    file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.scd)
    foreach(page ${pages})
        get_filename_component(name ${page} NAME_WLE)
        string(REGEX REPLACE ".*\\." "" section ${name})
        add_custom_command(OUTPUT ${man}/${name} COMMAND ${CMAKE_COMMAND} -E make_directory ${man}
            COMMAND sh -c "'${SCDOC}' <'${page}' >'${man}/${name}'" DEPENDS ${page} VERBATIM)
        list(APPEND built ${man}/${name})
        install(FILES ${man}/${name} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    endforeach()
endif()

find_program(LOWDOWN lowdown)
if(LOWDOWN)
    set(script ${CMAKE_SOURCE_DIR}/scripts/man-from-guide)
    file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/guides/models/*.md)
    foreach(page ${CMAKE_SOURCE_DIR}/docs/guides/policies.md ${pages})
        get_filename_component(name ${page} NAME_WE)
        set(out ${man}/almanac-${name}.7)
        add_custom_command(OUTPUT ${out} COMMAND ${CMAKE_COMMAND} -E make_directory ${man}
            COMMAND sh -c "'${script}' '${page}' >'${out}'" DEPENDS ${page} ${script} VERBATIM)
        list(APPEND built ${out})
        install(FILES ${out} DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
        file(STRINGS ${page} modules REGEX "^### (profiler|predictor|calibrator|allocator) ")
        foreach(heading ${modules})
            string(REGEX REPLACE "^### [a-z]+ " "" module ${heading})
            set(alias ${man}/almanac-${module}.7)
            if(NOT alias STREQUAL out)
                file(WRITE ${alias} ".so man7/almanac-${name}.7\n")
                install(FILES ${alias} DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
            endif()
        endforeach()
    endforeach()
endif()

if(built)
    add_custom_target(man ALL DEPENDS ${built})
endif()
