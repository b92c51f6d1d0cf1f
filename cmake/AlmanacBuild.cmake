# SPDX-License-Identifier: GPL-3.0-or-later
# How a room, a module and the generated table of modules are built.

add_library(alm_flags INTERFACE)
target_compile_options(alm_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes
    -Wvla -Wformat=2 -Wno-format-nonliteral -ffp-contract=off)
target_compile_definitions(alm_flags INTERFACE _GNU_SOURCE)
if(ALMANAC_WERROR)
    target_compile_options(alm_flags INTERFACE -Werror)
endif()
if(ALMANAC_SANITIZE)
    target_compile_options(alm_flags INTERFACE -fsanitize=${ALMANAC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(alm_flags INTERFACE -fsanitize=${ALMANAC_SANITIZE})
endif()

# alm_room(NAME [FOLDER...]): a room of the middle floor, with folders of its own that hold no modules. It sees include/ and
# its own folder.
function(alm_room name)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.c)
    foreach(folder ${ARGN})
        file(GLOB more CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/${folder}/*.c)
        list(APPEND sources ${more})
    endforeach()
    add_library(alm_${name} OBJECT)
    target_link_libraries(alm_${name} PUBLIC alm_flags)
    target_include_directories(alm_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include PRIVATE ${CMAKE_SOURCE_DIR}/${name})
    if(NOT name STREQUAL "allocators") # there every file is a module
        target_sources(alm_${name} PRIVATE ${sources})
    endif()
endfunction()

# alm_upper_room(NAME [FOLDER...]): experiments and cmd; they see the rooms below by "core/loop.h".
function(alm_upper_room name)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.c)
    foreach(folder ${ARGN})
        file(GLOB more CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/${folder}/*.c)
        list(APPEND sources ${more})
    endforeach()
    add_library(alm_${name} OBJECT ${sources})
    target_link_libraries(alm_${name} PUBLIC alm_flags)
    target_include_directories(alm_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/traces)
endfunction()

# alm_module(KIND NAME): compile NAME.c of this folder into its room and add a row to the table of modules.
# The file defines `const struct alm_KIND_ops alm_KIND_NAME` ('-' becomes '_').
function(alm_module kind name)
    string(REPLACE "-" "_" symbol ${name})
    file(RELATIVE_PATH place ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    string(REGEX REPLACE "/.*" "" room ${place})
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/${symbol}.c)
    if(CMAKE_CURRENT_SOURCE_DIR STREQUAL "${CMAKE_SOURCE_DIR}/${room}" AND NOT room STREQUAL "allocators")
        # already globbed by alm_room
    else()
        target_sources(alm_${room} PRIVATE ${source})
    endif()
    set_property(GLOBAL APPEND PROPERTY ALM_MODULES "${kind} ${name} ${symbol}")
endfunction()

# Write module_table.c from all alm_module lines, sorted by kind then name.
function(alm_module_table)
    get_property(rows GLOBAL PROPERTY ALM_MODULES)
    set(text "/* Generated from the alm_module lines. */\n")
    foreach(kind profiler predictor calibrator allocator store platform importer generator)
        string(APPEND text "#include \"almanac/${kind}.h\"\n")
    endforeach()
    string(APPEND text "\n")
    set(table "")
    foreach(kind profiler predictor calibrator allocator store platform importer generator)
        set(of_kind ${rows})
        list(FILTER of_kind INCLUDE REGEX "^${kind} ")
        list(SORT of_kind)
        foreach(row ${of_kind})
            string(REPLACE " " ";" field ${row})
            list(GET field 2 symbol)
            string(APPEND text "extern const struct alm_${kind}_ops alm_${kind}_${symbol};\n")
            string(APPEND table "    &alm_${kind}_${symbol}.head,\n")
        endforeach()
    endforeach()
    string(APPEND text "\nstatic const struct alm_head *const table[] = {\n${table}    NULL,\n};\n\n"
        "const struct alm_head *const *alm_modules(void)\n{\n    return table;\n}\n")
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/module_table.c CONTENT "${text}" @ONLY)

    set(version ${CMAKE_BINARY_DIR}/generated/version.c)
    add_custom_target(alm_version BYPRODUCTS ${version} COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR}
        -DOUTPUT=${version} -DVERSION=${PROJECT_VERSION} -P ${CMAKE_SOURCE_DIR}/cmake/Version.cmake)
    add_library(alm_registry OBJECT ${CMAKE_BINARY_DIR}/generated/module_table.c ${version})
    add_dependencies(alm_registry alm_version)
    target_link_libraries(alm_registry PUBLIC alm_flags)
    target_include_directories(alm_registry PUBLIC ${CMAKE_SOURCE_DIR}/include)
endfunction()
