// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/last_words.hpp"

#include "tools/command_line/stop_request.hpp"

namespace sotto::tools {

LastWords::LastWords() {
    unfinished_.emplace("nas-run", "nothing was evaluated yet; 'isolation: process' keeps it out of this process");
}

LastWords::~LastWords() {
    say_when_stopped(nullptr, nullptr);
}

void LastWords::saved_in(const std::filesystem::path& directory, bool quiet) {
    crash_ =
        "what was evaluated is saved; with 'isolation: process' and 'on_error: skip' in CONFIG a run survives it: "
        "nas-run CONFIG --resume " +
        directory.string();
    unfinished_.emplace("nas-run", crash_.c_str());
    stopping_ =
        "\nnas-run: stopping; what is being evaluated is finished first, or given up where its plug-in can, as "
        "training "
        "does; a second signal ends at once\n";
    ended_ = "\nnas-run: ended at once; what was evaluated is saved, continue with: nas-run --resume " +
             directory.string() + '\n';
    say_when_stopped(quiet ? nullptr : stopping_.c_str(), ended_.c_str());
}

}  // namespace sotto::tools
