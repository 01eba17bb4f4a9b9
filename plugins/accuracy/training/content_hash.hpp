// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace sotto::accuracy {

/// XXH3 with 128 bits over pieces; where a piece ends counts.
class ContentHash {
  public:
    ContentHash();

    void add(const void* bytes, std::size_t count);
    void add(std::string_view text) { add(text.data(), text.size()); }

    /// 32 hexadecimal digits of all that was added so far.
    std::string text() const;

  private:
    struct Free {
        void operator()(XXH3_state_s* state) const;
    };
    std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace sotto::accuracy
