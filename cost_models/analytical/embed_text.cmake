# SPDX-License-Identifier: Apache-2.0
# cmake -DINPUT=FILE -DOUTPUT=FILE.cpp -P embed_text.cmake: the file's text as a C++ source.
file(READ "${INPUT}" text)
file(WRITE "${OUTPUT}" "// Made from analytical.json when the project is built.
#include \"cost_models/analytical/coefficients.hpp\"

std::string_view sotto::analytical::shipped_coefficients_text() {
    return R\"SOTTO(${text})SOTTO\";
}
")
