// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sotto::picture {

enum class Scale : std::uint8_t { linear, logarithmic };

/// The values that an axis spans. First every value is included, then the scale chosen, then the axis widened.
class Axis {
  public:
    /// A value that is not finite is passed over.
    void include(double value);
    /// Logarithmic where all values are over 0 and the largest is at least 20 times the least.
    void choose_scale();
    /// Of counts: labels stand at whole numbers alone.
    void keep_to_whole_numbers() noexcept { whole_numbers_ = true; }
    /// Some room at both ends, and a span where there is but one value.
    void widen();

    Scale scale() const noexcept { return scale_; }
    bool is_empty() const noexcept { return empty_; }
    /// Where a value lies, 0 to 1 from one end of the axis to the other.
    double part(double value) const;
    bool holds(double value) const;
    /// The value itself, or the end of the axis that it lies beyond.
    double nearest(double value) const;
    /// Where labels stand, ascending, at most so many (at least 2): 1, 2 or 5 times a power of ten apart; on a
    /// logarithmic axis the powers of ten, and their multiples where there is room.
    std::vector<double> ticks(std::size_t most) const;

  private:
    double position(double value) const;
    std::vector<double> linear_ticks(std::size_t most) const;
    std::vector<double> logarithmic_ticks(std::size_t most) const;

    double low_ = 0;
    double high_ = 1;
    bool empty_ = true;
    bool whole_numbers_ = false;
    Scale scale_ = Scale::linear;
};

/// `0.25`, `12`, `20k`, `1.5M`, `3G`.
std::string tick_text(double value);

}  // namespace sotto::picture
