// SPDX-License-Identifier: Apache-2.0
#include "search/pareto/measured_archive.hpp"

#include <utility>

namespace sotto::pareto {

MeasuredArchive::MeasuredArchive(std::size_t objectives, std::vector<double> reference)
    : archive_(objectives), reference_(std::move(reference)) {}

bool MeasuredArchive::add(std::uint64_t id, std::span<const double> objectives) {
    if (keeps_hypervolume()) {
        if (!archive_.admits(id, objectives)) {
            return false;
        }
        hypervolume_ += archive_.hypervolume_gain(objectives, reference_);
    }
    const bool entered = archive_.add(id, objectives);
    changed_ = entered || changed_;
    return entered;
}

double MeasuredArchive::hypervolume() {
    if (std::exchange(changed_, false) && !reference_.empty() && !keeps_hypervolume()) {
        hypervolume_ = archive_.hypervolume(reference_);
    }
    return hypervolume_;
}

}  // namespace sotto::pareto
