// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sotto::tools {

/// The program's standard output, kept for its results: whatever else writes to descriptor 1 from now on, such as a
/// plug-in that prints, is joined to standard error. One for the process; make it before any plug-in is loaded.
class ResultStream {
  public:
    ResultStream();
    ~ResultStream();
    ResultStream(const ResultStream&) = delete;
    ResultStream& operator=(const ResultStream&) = delete;

    /// False where it cannot be written to the end.
    bool print(const std::string& text);

  private:
    int descriptor_;
};

}  // namespace sotto::tools
