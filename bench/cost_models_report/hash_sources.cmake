# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT, the C++ function code_version: one hash over the files that the file LIST names, one a line.
file(STRINGS "${LIST}" files)
set(hashes "")
foreach(file IN LISTS files)
  file(SHA256 "${file}" hash)
  string(APPEND hashes "${hash}\n")
endforeach()
string(SHA256 version "${hashes}")
file(WRITE "${OUTPUT}" "#include \"bench/cost_models_report/experiments.hpp\"\n\nstd::string sotto::report::code_version() {\n    return \"${version}\";\n}\n")
