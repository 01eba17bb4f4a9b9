// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/state_files.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include "engine/input/input_error.hpp"
#include "engine/run/file_io.hpp"
#include "engine/run/run_error.hpp"
#include "plugins/accuracy/candidate_error.hpp"

namespace sotto::accuracy {
namespace {

/// The checkpoints that objects of this process have.
struct Taken {
    std::mutex mutex;
    std::condition_variable released;
    std::set<std::filesystem::path> paths;
};

Taken& taken() {
    static Taken instance;
    return instance;
}

}  // namespace

StateFiles::StateFiles(const std::filesystem::path& directory, const std::string& name, const sotto_host* host)
    : checkpoint_(directory / (name + ".checkpoint")), curve_(directory / (name + ".csv")) {
    std::unique_lock lock(taken().mutex);
    while (!taken().paths.insert(checkpoint_).second) {
        // The host is asked as often as a plug-in has to.
        taken().released.wait_for(lock, std::chrono::milliseconds(100));
        stop_if_cancelled(host);
    }
}

StateFiles::~StateFiles() {
    const std::scoped_lock lock(taken().mutex);
    taken().paths.erase(checkpoint_);
    taken().released.notify_all();
}

std::optional<Checkpoint> StateFiles::read(const std::string& identity) const {
    std::error_code problem;
    if (!std::filesystem::exists(checkpoint_, problem) && !problem) {
        return std::nullopt;
    }
    Checkpoint checkpoint = parse_checkpoint(run::read_whole(checkpoint_), checkpoint_.string());
    if (checkpoint.identity != identity) {
        throw input::InputError({{checkpoint_.string(), 0, 0},
                                 "checkpoint is of another candidate, data set or settings",
                                 checkpoint.identity,
                                 identity,
                                 {}});
    }
    return checkpoint;
}

void StateFiles::write(const Checkpoint& checkpoint) const {
    std::error_code problem;
    std::filesystem::create_directories(checkpoint_.parent_path(), problem);
    if (problem) {
        throw run::RunError(checkpoint_.parent_path(), "cannot be made: " + problem.message());
    }
    run::write_whole(curve_, to_csv(checkpoint.epochs));
    run::write_whole(checkpoint_, to_bytes(checkpoint));
}

}  // namespace sotto::accuracy
