# SPDX-License-Identifier: Apache-2.0
# Plug-ins that come with Sotto: each is linked into the programs or a library that they load, as the build is told.
include_guard(GLOBAL)

# Built with every program that loads plug-ins: those that are modules, and their manifests.
add_custom_target(sotto_shipped_plugins)

# sotto_add_shipped_plugin(NAME OPTION SOTTO_NAME DEFAULT builtin|module ENTRY file [SOURCES file...] [LINKS library...])
#
# OPTION is a cache variable, `builtin` or `module`; DEFAULT is its value unless told. ENTRY is the file that defines
# sotto_plugin_entry, and is compiled for both forms; SOURCES are compiled once. Targets:
#   sotto_NAME           the static library whose entry is sotto_NAME_entry
#   sotto_NAME_module    the loadable library sotto_NAME.so
# The form that is not shipped is built for what links or loads it by name, such as tests. The shipped module lies in
# lib/sotto/plugins with its manifest, and is installed there.
function(sotto_add_shipped_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OPTION;DEFAULT;ENTRY" "SOURCES;LINKS")
  if(NOT arg_OPTION OR NOT arg_DEFAULT OR NOT arg_ENTRY OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sotto_add_shipped_plugin(${name}): found '${ARGN}', expected OPTION, DEFAULT, ENTRY, and SOURCES and LINKS or not")
  endif()
  set(${arg_OPTION} ${arg_DEFAULT} CACHE STRING "The plug-in ${name}: builtin (linked into the programs) or module (loaded)")
  set_property(CACHE ${arg_OPTION} PROPERTY STRINGS builtin module)
  set(form "${${arg_OPTION}}")
  if(NOT form MATCHES "^(builtin|module)$")
    message(FATAL_ERROR "${arg_OPTION}: found '${form}', expected builtin or module")
  endif()

  if(arg_SOURCES)
    sotto_add_library(sotto_${name}_sources SOURCES ${arg_SOURCES} LINKS sotto_plugin_sdk ${arg_LINKS})
    set_target_properties(sotto_${name}_sources PROPERTIES EXCLUDE_FROM_ALL ON)
    list(PREPEND arg_LINKS sotto_${name}_sources)
  endif()

  sotto_add_library(sotto_${name} SOURCES ${arg_ENTRY} LINKS sotto_plugin_sdk ${arg_LINKS})
  target_compile_definitions(sotto_${name} PRIVATE SOTTO_PLUGIN_BUILT_IN=sotto_${name}_entry)

  sotto_add_plugin(sotto_${name}_module SOURCES ${arg_ENTRY})
  sotto_target_settings(sotto_${name}_module)
  set_target_properties(sotto_${name}_module PROPERTIES OUTPUT_NAME sotto_${name})
  target_include_directories(sotto_${name}_module PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(sotto_${name}_module PRIVATE ${arg_LINKS})
  target_link_options(sotto_${name}_module PRIVATE LINKER:--as-needed)

  set_property(GLOBAL APPEND PROPERTY SOTTO_SHIPPED_PLUGINS ${name})
  if(form STREQUAL "builtin")
    set_property(GLOBAL APPEND PROPERTY SOTTO_BUILT_IN_PLUGINS ${name})
    if(torch IN_LIST arg_LINKS)
      set_property(GLOBAL PROPERTY SOTTO_LIBTORCH_BUILT_IN 1)
    endif()
    set_target_properties(sotto_${name}_module PROPERTIES
      EXCLUDE_FROM_ALL ON LIBRARY_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    return()
  endif()
  set(folder "${PROJECT_BINARY_DIR}/lib/sotto/plugins")
  set(manifest "${folder}/sotto_${name}.json")
  set_target_properties(sotto_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  set_target_properties(sotto_${name}_module PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${folder}")
  add_custom_command(
    OUTPUT "${manifest}"
    COMMAND sotto-write-manifest "$<TARGET_FILE:sotto_${name}_module>" "${manifest}"
    DEPENDS sotto_${name}_module sotto-write-manifest
    COMMENT "Writing the manifest of ${name}"
    VERBATIM)
  add_custom_target(sotto_${name}_manifest ALL DEPENDS "${manifest}")
  add_dependencies(sotto_shipped_plugins sotto_${name}_manifest)
  install(TARGETS sotto_${name}_module LIBRARY DESTINATION lib/sotto/plugins COMPONENT plugins)
  install(FILES "${manifest}" DESTINATION lib/sotto/plugins COMPONENT plugins)
endfunction()
