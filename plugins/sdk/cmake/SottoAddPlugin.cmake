# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# sotto_add_plugin(NAME SOURCES file...): the plug-in library NAME.so. It exports sotto_plugin_entry and nothing else, and
# what it needs is found when it is linked. Further libraries: target_link_libraries(NAME PRIVATE ...).
function(sotto_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sotto_add_plugin(${name}): found '${ARGN}', expected SOURCES and at least one file")
  endif()
  set(exports "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin_exports.map")
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE sotto::sdk)
  # The C++ wrapper needs C++17, the C header C11; a project may have one language alone.
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_17)
  endif()
  if("C" IN_LIST languages)
    target_compile_features(${name} PRIVATE c_std_11)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS "${exports}")
  target_link_options(${name} PRIVATE "LINKER:--version-script=${exports}" LINKER:-z,defs)
  # The loader refuses what others can write to, which a lax umask would make of it.
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND chmod go-w "$<TARGET_FILE:${name}>" "$<TARGET_FILE_DIR:${name}>" VERBATIM)
endfunction()
