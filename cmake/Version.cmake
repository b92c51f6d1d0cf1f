# SPDX-License-Identifier: GPL-3.0-or-later
# Run at each build (cmake -P): write version.c with the version and the git id, touching it only when they changed.
execute_process(COMMAND git describe --always --dirty --tags WORKING_DIRECTORY ${SOURCE_DIR}
    OUTPUT_VARIABLE git_id OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT git_id)
    set(git_id "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#include \"almanac/version.h\"

const char *alm_version(void)
{
    return \"${VERSION}\";
}

const char *alm_git_id(void)
{
    return \"${git_id}\";
}
" @ONLY)
