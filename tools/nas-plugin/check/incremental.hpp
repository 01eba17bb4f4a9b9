// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "sotto/plugin.h"

#include "engine/plugin/error_text.hpp"
#include "engine/plugin/prefix_states.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {

/// The functions of sotto.incremental, which must not fail. Not thread-safe.
class Incremental {
  public:
    Incremental(const Session& session, const sotto_incremental& extension)
        : session_(session), extension_(extension) {}

    /// Null prefix: no parent. Null kept: no state is wanted.
    Record evaluate(const sotto_candidate& candidate, const sotto_prefix* prefix,
                    sotto_incremental_state** kept) const {
        const sotto_candidate* const one = &candidate;
        // Through the adapter the record is made and looked at as for every other call.
        the_call = {&extension_, prefix, kept};
        Call call = session_.call({&one, 1}, &Incremental::adapt);
        if (call.status != SOTTO_OK) {
            fail("found " + plugin::status_text(call.status) + ": " + call.text + ", expected a result");
        }
        if (call.records.front().was_altered) {
            fail("wrote beyond the metrics, or over the record");
        }
        return std::move(call.records.front());
    }

    void release(sotto_incremental_state* state) const {
        guarded("release", [&] { extension_.release(session_.instance(), state); });
    }

    plugin::PrefixStates states() const {
        return {session_.instance(), extension_, session_.description().needs_network,
                session_.description().needs_program};
    }

  private:
    struct Current {
        const sotto_incremental* extension;
        const sotto_prefix* prefix;
        sotto_incremental_state** kept;
    };
    static inline Current the_call = {nullptr, nullptr, nullptr};

    static sotto_status adapt(sotto_instance* instance, const sotto_candidate* const* candidates,
                              sotto_result* const* results, std::uint32_t /*count*/, const sotto_error_sink* error) {
        return the_call.extension->evaluate(instance, the_call.prefix, *candidates, *results, the_call.kept, error);
    }

    const Session& session_;
    const sotto_incremental& extension_;
};

}  // namespace sotto::check
