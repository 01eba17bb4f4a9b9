# SPDX-License-Identifier: Apache-2.0
# cmake -DINPUT=plugin.h -DOUTPUT=plugin.h -P append_members.cmake: the header of a later release, in which every struct that may
# grow has two more members.
file(READ "${INPUT}" text)
string(REGEX REPLACE "\n} (sotto_[a-z_0-9]+);" "\n    uint64_t appended_number;\n    const void* appended_pointer;\n} \\1;" text "${text}")
foreach(fixed sotto_shape sotto_window)
  string(REPLACE "\n    uint64_t appended_number;\n    const void* appended_pointer;\n} ${fixed};" "\n} ${fixed};" text "${text}")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
