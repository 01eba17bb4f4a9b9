# SPDX-License-Identifier: Apache-2.0
# Files as part of a program: the assembler takes their bytes as they are, so that they cost no compile time.
include_guard(GLOBAL)
enable_language(ASM)

# sotto_embed_files(TARGET FUNCTION name FILES file...): defines `std::span<const sotto::model_file::EmbeddedFile> name()`,
# which lists the files in the given order. `name` is a qualified name; the target declares it. Made anew when a file changes.
function(sotto_embed_files target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FUNCTION" "FILES")
  if(NOT arg_FUNCTION MATCHES "^(.+)::([a-z_]+)$" OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sotto_embed_files(${target}): found '${ARGN}', expected FUNCTION namespace::name and FILES")
  endif()
  set(namespace "${CMAKE_MATCH_1}")
  set(function "${CMAKE_MATCH_2}")
  string(MAKE_C_IDENTIFIER "${arg_FUNCTION}" symbol)
  set(assembler "    .section .rodata\n")
  set(declarations "")
  set(entries "")
  set(index 0)
  foreach(file IN LISTS arg_FILES)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    cmake_path(GET file FILENAME name)
    set(begin "sotto_embedded_${symbol}_${index}")
    string(APPEND assembler
      "    .global ${begin}\n    .hidden ${begin}\n    .global ${begin}_end\n    .hidden ${begin}_end\n"
      "    .balign 16\n${begin}:\n    .incbin \"${file}\"\n${begin}_end:\n    .byte 0\n")
    string(APPEND declarations "extern const char ${begin}[];\nextern const char ${begin}_end[];\n")
    string(APPEND entries "        {\"${name}\", {${begin}, static_cast<std::size_t>(${begin}_end - ${begin})}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembler "    .section .note.GNU-stack,\"\",%progbits\n")
  if(index EQUAL 0)
    set(body "    return {};\n")
  else()
    set(body "    static const sotto::model_file::EmbeddedFile files[] = {\n${entries}    };\n    return files;\n")
  endif()
  set(base "${CMAKE_CURRENT_BINARY_DIR}/${target}_${function}")
  file(CONFIGURE OUTPUT "${base}.S" CONTENT "${assembler}" @ONLY)
  file(CONFIGURE OUTPUT "${base}.cpp" @ONLY CONTENT
    "// Made from the list of files when the project is configured.
#include <cstddef>
#include <span>

#include \"cost_models/model_file/shipped_models.hpp\"

extern \"C\" {
${declarations}}

namespace ${namespace} {
std::span<const sotto::model_file::EmbeddedFile> ${function}();
std::span<const sotto::model_file::EmbeddedFile> ${function}() {
${body}}
}  // namespace ${namespace}
")
  set_source_files_properties("${base}.S" PROPERTIES OBJECT_DEPENDS "${arg_FILES}")
  target_sources(${target} PRIVATE "${base}.S" "${base}.cpp")
endfunction()
