# SPDX-License-Identifier: Apache-2.0
include("${CMAKE_CURRENT_LIST_DIR}/sottoTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SottoAddPlugin.cmake")
