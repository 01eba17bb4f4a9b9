# SPDX-License-Identifier: Apache-2.0
# How every target of this project is built: one place for the language level, warnings, visibility and sanitizers.
include_guard(GLOBAL)

find_program(SOTTO_CCACHE ccache)
if(SOTTO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${SOTTO_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SOTTO_CCACHE}")
endif()
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

# The rules every target of this project follows.
function(sotto_target_settings target)
  target_compile_features(${target} PUBLIC cxx_std_20 c_std_11)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF C_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-align -Wunused
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    # GCC 12 reports std::string temporaries in braced initialisers as uninitialised; clang-tidy's analyser covers the real ones.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    # GCC 12 reports "text" + std::string as an overlapping copy (GCC bug 105651, fixed in 13).
    $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
    $<$<BOOL:${SOTTO_WARNINGS_AS_ERRORS}>:-Werror>)
  if(SOTTO_SANITIZERS)
    target_compile_options(${target} PRIVATE -fsanitize=${SOTTO_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${SOTTO_SANITIZERS})
  endif()
endfunction()

# sotto_add_library(NAME SOURCES ... [LINKS ...] [PRIVATE_LINKS ...]): a static library, headers included from the project root.
function(sotto_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;PRIVATE_LINKS")
  add_library(${name} STATIC ${arg_SOURCES})
  sotto_target_settings(${name})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
endfunction()

# sotto_add_program(NAME SOURCES ... [LINKS ...])
function(sotto_add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  add_executable(${name} ${arg_SOURCES})
  sotto_target_settings(${name})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
endfunction()

# sotto_compile_as_test(TARGET [SOURCE ...]): quickly. With SOTTO_JOIN_TEST_SOURCES sources are compiled several at once, most of their time
# being headers; those named here are not: they have names of their own in common with others.
function(sotto_compile_as_test target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SOTTO_JOIN_TEST_SOURCES} UNITY_BUILD_BATCH_SIZE 8)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  # Of a release's optimisation the sources of tests gain nothing; large ones are compiled in two thirds of the time without it.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# sotto_add_test(NAME [LONG] SOURCES ... [ALONE ...] [LINKS ...]): a Catch2 program whose test cases become CTest tests. A test case that
# calls SOTTO_SKIP (tests/support/catch.hpp) is reported by CTest as skipped. ALONE: sources that sotto_compile_as_test does not join.
# LONG: its tests begin before others, so that none of half a minute is left over when all else is done.
function(sotto_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "LONG" "" "SOURCES;ALONE;LINKS")
  set(cost "")
  if(arg_LONG)
    set(cost COST 500)
  endif()
  sotto_add_program(${name} SOURCES ${arg_SOURCES} ${arg_ALONE} LINKS Catch2::Catch2WithMain ${arg_LINKS})
  sotto_compile_as_test(${name} ${arg_ALONE})
  target_compile_definitions(${name} PRIVATE
    SOTTO_SOURCE_DIRECTORY="${PROJECT_SOURCE_DIR}" SOTTO_BINARY_DIRECTORY="${PROJECT_BINARY_DIR}")
  catch_discover_tests(${name} TEST_PREFIX "${name}: " PROPERTIES SKIP_REGULAR_EXPRESSION "SOTTO-SKIPPED:" ${cost})
endfunction()
