// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::accuracy_test {

/// What one candidate was answered.
struct Answer {
    sotto_status status = SOTTO_INTERNAL;
    std::vector<double> metrics;
    std::string text;
};

struct Candidate {
    const sotto_network* network = nullptr;
    std::uint64_t seed = 0;
};

/// A proxy of the loaded library, through the C interface alone.
class Proxy {
  public:
    Answer evaluate(const sotto_network& network, std::uint64_t seed) const;
    /// One call for all.
    std::vector<Answer> evaluate(const std::vector<Candidate>& candidates) const;
    sotto_instance* instance() const { return instance_.get(); }

  private:
    friend class ProxyLibrary;
    struct Destroy {
        void operator()(sotto_instance* instance) const { instance->destroy(instance); }
    };
    std::unique_ptr<sotto_instance, Destroy> instance_;
    std::size_t metric_count_ = 0;
};

/// sotto_accuracy.so, loaded once and never unloaded.
class ProxyLibrary {
  public:
    /// Throws std::runtime_error with the loader's text.
    static ProxyLibrary& get();

    const sotto_plugin_entry_v1& entry() const { return *entry_; }
    const sotto_factory& factory() const { return *factory_; }
    const sotto_descriptor& descriptor(const std::string& id) const;
    /// Null instance() and a text in `problem` where creation fails.
    Proxy create(const std::string& id, const std::map<std::string, std::string>& arguments = {},
                 std::string* problem = nullptr) const;

    /// What the host answers to is_cancelled: 0 for so many questions, then 1; negative: always 0.
    static void cancel_after(int questions);

  private:
    ProxyLibrary();

    const sotto_plugin_entry_v1* entry_ = nullptr;
    const sotto_factory* factory_ = nullptr;
};

}  // namespace sotto::accuracy_test
