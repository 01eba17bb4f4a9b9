// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "engine/plugin/error_text.hpp"
#include "tools/nas-plugin/check/random_candidate.hpp"
#include "tools/nas-plugin/check/session.hpp"

namespace sotto::check {

using Bytes = std::vector<unsigned char>;

/// The functions of sotto.calibrate; the check is skipped where the plug-in does not offer them.
class Calibration {
  public:
    explicit Calibration(const Session& session)
        : session_(session),
          extension_(static_cast<const sotto_calibrate*>(session.extension(SOTTO_CALIBRATE_EXTENSION))) {
        if (extension_ == nullptr) {
            skip("the plug-in does not offer '" SOTTO_CALIBRATE_EXTENSION "'");
        }
    }

    Bytes save() const {
        std::uint64_t size = 0;
        expect_ok("save", [&](const sotto_error_sink* error) {
            return extension_->save(session_.instance(), nullptr, 0, &size, error);
        });
        constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;
        if (size > most_bytes) {
            fail("save: found a state of " + std::to_string(size) + " bytes, expected at most 2^30");
        }
        Bytes bytes(size + 1, canary);
        std::uint64_t written = 0;
        expect_ok("save", [&](const sotto_error_sink* error) {
            return extension_->save(session_.instance(), bytes.data(), size, &written, error);
        });
        if (written != size || bytes.back() != canary) {
            fail("save: said " + std::to_string(size) + " bytes and wrote " + std::to_string(written) +
                 " or beyond them");
        }
        bytes.pop_back();
        Bytes half(size, canary);
        expect_ok("save", [&](const sotto_error_sink* error) {
            return extension_->save(session_.instance(), half.data(), size / 2, &written, error);
        });
        if (written != size || std::any_of(half.begin() + static_cast<std::ptrdiff_t>(size / 2), half.end(),
                                           [](unsigned char byte) { return byte != canary; })) {
            fail(
                "save: given room for half of the state, found bytes written beyond it, or another size; expected the "
                "size of the whole");
        }
        return bytes;
    }

    sotto_status load(const Bytes& bytes, std::string* reason = nullptr) const {
        plugin::ErrorText text;
        // A copy of the exact size, so that reading beyond it is seen by tools that watch memory.
        const Bytes copy = bytes;
        sotto_status status = SOTTO_INTERNAL;
        guarded("load", [&] { status = extension_->load(session_.instance(), copy.data(), copy.size(), text.sink()); });
        if (reason != nullptr) {
            *reason = text.text();
        }
        return status;
    }

    /// Scales what the plug-in gives by two; false where it refuses.
    bool fit(const std::vector<std::unique_ptr<Candidate>>& candidates, const std::vector<Record>& records) const {
        std::vector<sotto_measurement> measurements;
        std::vector<const sotto_measurement*> pointers;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            for (std::uint32_t metric = 0; records[i].status == SOTTO_OK && metric < records[i].metrics.size();
                 ++metric) {
                measurements.push_back({sizeof(sotto_measurement), metric, SOTTO_WHOLE_PROGRAM, 0,
                                        2 * records[i].metrics[metric], 0, &candidates[i]->view.view()});
            }
        }
        pointers.reserve(measurements.size());
        for (const auto& measurement : measurements) {
            pointers.push_back(&measurement);
        }
        return fit(pointers);
    }

    /// False where the plug-in refuses them.
    bool fit(const std::vector<const sotto_measurement*>& measurements) const {
        plugin::ErrorText text;
        sotto_status status = SOTTO_INTERNAL;
        guarded("fit", [&] {
            status = extension_->fit(session_.instance(), measurements.data(),
                                     static_cast<std::uint32_t>(measurements.size()), text.sink());
        });
        if (status != SOTTO_OK && text.text().empty()) {
            fail("fit: " + plugin::status_text(status) + " without a reason");
        }
        return status == SOTTO_OK;
    }

  private:
    static constexpr unsigned char canary = 0x5a;

    template <typename Function>
    void expect_ok(const char* name, Function&& function) const {
        plugin::ErrorText text;
        sotto_status status = SOTTO_INTERNAL;
        guarded(name, [&] { status = function(text.sink()); });
        if (status != SOTTO_OK) {
            fail(std::string(name) + ": " + plugin::status_text(status) + ": " + text.reason());
        }
    }

    const Session& session_;
    const sotto_calibrate* extension_;
};

}  // namespace sotto::check
