# SPDX-License-Identifier: GPL-3.0-or-later
# Man pages: docs/man/NAME.SECTION.scd becomes NAME.SECTION where scdoc is installed; elsewhere there are none, and no error.

find_program(SCDOC scdoc)
if(SCDOC)
    file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.scd)
    set(built)
    foreach(page ${pages})
        get_filename_component(name ${page} NAME_WLE)
        string(REGEX REPLACE ".*\\." "" section ${name})
        set(out ${CMAKE_BINARY_DIR}/man/${name})
        add_custom_command(OUTPUT ${out} COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
            COMMAND sh -c "'${SCDOC}' <'${page}' >'${out}'" DEPENDS ${page} VERBATIM)
        list(APPEND built ${out})
        install(FILES ${out} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    endforeach()
    add_custom_target(man ALL DEPENDS ${built})
endif()
