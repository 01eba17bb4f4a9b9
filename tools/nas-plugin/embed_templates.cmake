# SPDX-License-Identifier: Apache-2.0
# cmake -DTEMPLATES=DIR -DOUTPUT=FILE.cpp -P embed_templates.cmake: the files of DIR as a C++ source.
file(GLOB files RELATIVE "${TEMPLATES}" "${TEMPLATES}/*")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  file(READ "${TEMPLATES}/${file}" text)
  string(APPEND entries "    if (name == \"${file}\") {\n        return R\"SOTTO(${text})SOTTO\";\n    }\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made from plugins/sdk/templates when the project is built.
#include \"tools/nas-plugin/project_template.hpp\"

std::string_view sotto::tools::template_text(std::string_view name) {
${entries}    return {};
}
")
