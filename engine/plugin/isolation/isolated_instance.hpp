// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/plugin/instance.hpp"
#include "engine/plugin/isolation/isolation.hpp"
#include "engine/plugin/library_rules.hpp"

namespace sotto::plugin {

struct HostServices;

namespace isolation {

enum class MessageType : std::uint32_t;

/// What the library at `path` declares, read in a host process, which judges the file by the same rules. Throws
/// PluginError as loading it would, and where the process dies of it.
std::vector<Description> scan_library(const std::string& path, Writable writable, const HostServices& services,
                                      const Isolation& isolation = {});

/// A description as it holds for isolated instances: each has a process, and takes one call at a time.
Description isolated(Description description);

/// An instance whose code runs in a host process. The results are those of a LoadedInstance, to the last bit and the
/// last letter of a reason. A crash, an exit and a call that takes too long are failures of the candidate that causes
/// them; the process is then started again.
class IsolatedInstance final : public Instance {
  public:
    /// Starts the process and makes the instance there. `services` must outlive this. Throws PluginError.
    IsolatedInstance(const Description& description, Writable writable, std::map<std::string, std::string> arguments,
                     const HostServices& services, const Isolation& isolation);
    ~IsolatedInstance() override;

    void evaluate(std::span<const CandidateView* const> candidates, std::span<Score> scores) const override;
    std::vector<double> per_operation(const CandidateView& candidate) const override;
    std::vector<double> standard_deviations(const CandidateView& candidate) const override;

  private:
    struct State;
    enum class Call : std::uint8_t { answered, ended, cancelled };

    std::vector<double> request_values(MessageType request, const char* what, const CandidateView& candidate) const;
    void start() const;
    void require_process() const;
    std::size_t write_request(std::span<const CandidateView* const> candidates) const;
    Call call(std::span<Score> scores) const;
    void read_scores(std::span<const std::byte> body, std::span<Score> scores) const;

    std::unique_ptr<State> state_;
};

}  // namespace isolation
}  // namespace sotto::plugin
