// SPDX-License-Identifier: Apache-2.0
#include "search/space/genome_of_network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/random/random.hpp"
#include "search/space/network_likeness.hpp"

namespace sotto::search {
namespace {

// Climbs from members drawn at random; fewer where all genomes are tried afterwards.
constexpr std::uint32_t most_starts = 1000;
constexpr std::uint32_t most_starts_before_all = 10;
// Wanted layers that a detour may lose on its way.
constexpr std::uint32_t most_lost = 8;
// Alternatives of genes that one change makes active, so that each is tried with it.
constexpr std::size_t most_awakened = 8;
// Genomes that detours from one point may take for each gene; those that lead on rarely take more.
constexpr std::uint64_t most_tried_on_detours = 40;
constexpr std::uint32_t no_gene = ~std::uint32_t{0};

// A genome that gives a network. Its inactive genes keep the values that they had while they were active: what becomes
// active again is as it was.
struct Point {
    Genome genome;
    NetworkComparison::Result result;

    std::uint32_t computed() const { return result.likeness.computed; }
};

bool is_better(const Point& point, const Point& than) {
    return point.result.likeness > than.result.likeness;
}

// Whether the networks are not the same up to where both part from the wanted one.
bool differ_nearby(const Point& first, const Point& second) {
    return first.result.parting != second.result.parting || first.computed() != second.computed();
}

bool differ(const Point& first, const Point& second) {
    return differ_nearby(first, second) || first.result.unwanted != second.result.unwanted;
}

bool sets_gene(const Change& change) {
    return change.kind == Change::Kind::set_gene;
}

// Hands on the changes of each gene together, and each change of a repeated part alone, until `use` returns false.
template <typename Use>
void for_each_gene(std::span<const Change> changes, Use&& use) {
    while (!changes.empty()) {
        const Change& first = changes.front();
        const auto end = std::find_if(changes.begin() + 1, changes.end(), [&](const Change& change) {
            return !sets_gene(first) || !sets_gene(change) || change.where != first.where;
        });
        const auto count = static_cast<std::size_t>(end - changes.begin());
        if (!use(changes.first(count))) {
            return;
        }
        changes = changes.subspan(count);
    }
}

// What a genome with a network of so many layers takes.
std::uint64_t steps_of(std::size_t layers) {
    return layers + 20;
}

class Climber {
  public:
    Climber(const Space& space, const arch::Network& wanted, std::uint64_t most_steps)
        : space_(space),
          decoder_(space),
          comparison_(wanted),
          wanted_hash_(arch::canonical_hash(wanted)),
          wanted_size_(wanted.size()),
          most_steps_(most_steps),
          steps_left_(most_steps),
          stream_(0, 0, 0, random::Purpose::genome_of_network) {}

    GenomeOfNetwork find() {
        const double steps_for_all = std::pow(10.0, space_.log10_size()) * static_cast<double>(steps_of(wanted_size_));
        const bool is_small = steps_for_all <= static_cast<double>(most_steps_);
        if (space_.baseline()) {
            climb(*space_.baseline());
        }
        const std::uint32_t starts = is_small ? most_starts_before_all : most_starts;
        for (std::uint32_t start = 1; !is_done() && start <= starts; ++start) {
            stream_ = random::Stream(0, 0, start, random::Purpose::genome_of_network);
            try {
                climb(space_.sample(stream_));
            } catch (const NoValidGenome&) {
                continue;
            }
        }
        if (is_small && !found_.genome) {
            try_all();
        }
        return std::move(found_);
    }

  private:
    struct Detour {
        Point point;
        std::uint32_t gene = no_gene;  // the one that was changed and stays so
    };

    // The changes of a point.
    struct Neighbourhood {
        Genome normalized;
        std::vector<Change> changes;
        std::vector<std::uint8_t> is_active;  // genes with another alternative
    };

    bool is_done() const { return found_.genome || steps_left_ == 0; }

    // The genome as a point, where it gives a network.
    std::optional<Point> look_at(Genome genome) {
        if (is_done()) {
            return std::nullopt;
        }
        Rejection rejection;
        const arch::Network* const network = decoder_.decode(genome, rejection);
        ++found_.tried;
        steps_left_ -= std::min(steps_left_, steps_of(network != nullptr ? network->size() : wanted_size_));
        if (network == nullptr) {
            return std::nullopt;
        }
        Point point{std::move(genome), comparison_.compare(*network)};
        if (!found_.nearest || point.result.likeness > best_likeness_) {
            best_likeness_ = point.result.likeness;
            found_.nearest = space_.normalized(point.genome);
        }
        if (point.computed() == wanted_size_ && arch::canonical_hash(*network) == wanted_hash_) {
            found_.genome = space_.normalized(point.genome);
        }
        return point;
    }

    Neighbourhood neighbourhood_of(const Point& point) const {
        Neighbourhood result{space_.normalized(point.genome), {}, std::vector<std::uint8_t>(space_.gene_count(), 0)};
        result.changes = space_.changes(result.normalized);
        for (const Change& change : result.changes) {
            if (sets_gene(change)) {
                result.is_active[change.where] = 1;
            }
        }
        return result;
    }

    std::optional<Point> changed(const Point& from, const Genome& normalized, const Change& change) {
        if (sets_gene(change)) {
            Genome genome = from.genome;
            genome.genes[change.where] = static_cast<Gene>(change.value);
            if (std::optional<Point> point = look_at(std::move(genome))) {
                return point;
            }
        }
        // Other genes may have to change with it.
        std::optional<Genome> genome = space_.apply_unchecked(normalized, change, stream_);
        return genome ? look_at(std::move(*genome)) : std::nullopt;
    }

    void climb(Genome start) {
        least_lost_.assign(space_.gene_count(), 0);
        std::optional<Point> at = look_at(std::move(start));
        while (at && !is_done()) {
            while (sweep(*at) && !is_done()) {
            }
            if (is_done() || !take_detour(*at)) {
                return;
            }
        }
    }

    // The genes in turn, each with its best alternative, then the repeated parts. True where something is better.
    bool sweep(Point& at) {
        bool has_improved = false;
        std::uint32_t next_gene = 0;
        for (bool goes_on = true; goes_on && !is_done();) {
            goes_on = false;
            const Neighbourhood around = neighbourhood_of(at);
            for_each_gene(around.changes, [&](std::span<const Change> changes) {
                const std::uint32_t gene = changes.front().where;
                if (sets_gene(changes.front())) {
                    if (gene < next_gene || least_lost_[gene] > 0) {
                        return true;
                    }
                    next_gene = gene + 1;
                }
                if (std::optional<Point> best = best_of(at, around.normalized, changes)) {
                    at = std::move(*best);
                    goes_on = has_improved = true;
                }
                return !goes_on && !is_done();
            });
        }
        return has_improved;
    }

    // The best of the changes of one gene, where it is better.
    std::optional<Point> best_of(const Point& at, const Genome& normalized, std::span<const Change> changes) {
        std::optional<Point> best;
        std::uint32_t least_lost = std::numeric_limits<std::uint32_t>::max();
        for (const Change& change : changes) {
            std::optional<Point> point = changed(at, normalized, change);
            const std::uint32_t left = point ? point->computed() : at.computed();
            least_lost = std::min(least_lost, at.computed() - std::min(at.computed(), left));
            if (point && is_better(*point, best ? *best : at)) {
                best = std::move(point);
            }
        }
        if (sets_gene(changes.front())) {
            least_lost_[changes.front().where] = least_lost;
        }
        return best;
    }

    // Where no single change helps: each that does something near the first layer that differs, with the best that can
    // be made of other genes then; first of those that do something there too, then of all but those of layers far
    // before. True where that is better.
    bool take_detour(Point& at) {
        const std::vector<Detour> detours = detours_from(at);
        const std::uint64_t last = found_.tried + most_tried_on_detours * space_.gene_count();
        for (const bool is_wide : {false, true}) {
            for (std::size_t gene = 0; is_wide && gene < is_near_.size(); ++gene) {
                is_near_[gene] = least_lost_[gene] <= most_lost ? 1 : 0;
            }
            for (Detour detour : detours) {
                while (!is_done() && found_.tried < last && improve_nearby(detour)) {
                    if (is_better(detour.point, at)) {
                        at = std::move(detour.point);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    // Those from the most alike on; sets `is_near_`.
    std::vector<Detour> detours_from(const Point& at) {
        std::vector<Detour> detours;
        const Neighbourhood around = neighbourhood_of(at);
        is_near_.assign(space_.gene_count(), 1);
        for_each_gene(around.changes, [&](std::span<const Change> changes) {
            const std::uint32_t gene = sets_gene(changes.front()) ? changes.front().where : no_gene;
            bool is_near = false;
            const bool is_far_before = gene != no_gene && least_lost_[gene] > most_lost;
            for (std::size_t i = 0; !is_far_before && i < changes.size(); ++i) {
                std::optional<Point> point = changed(at, around.normalized, changes[i]);
                if (!point) {
                    is_near = true;
                    continue;
                }
                // Where nothing differs at all, the change may make others possible.
                if (differ(*point, at) && !differ_nearby(*point, at)) {
                    if (!is_near) {
                        break;
                    }
                    continue;
                }
                if (point->computed() + most_lost >= at.computed()) {
                    is_near = true;
                    for (Point& further : with_awakened(*point, around)) {
                        detours.push_back({std::move(further), gene});
                    }
                    detours.push_back({std::move(*point), gene});
                }
            }
            if (gene != no_gene) {
                is_near_[gene] = is_near ? 1 : 0;
            }
            return !is_done();
        });
        std::stable_sort(detours.begin(), detours.end(), [](const Detour& first, const Detour& second) {
            return is_better(first.point, second.point);
        });
        return detours;
    }

    // The first near gene that makes the detour better. False where none does.
    bool improve_nearby(Detour& detour) {
        std::optional<Point> best;
        const Neighbourhood around = neighbourhood_of(detour.point);
        const auto consider = [&](Point&& point) {
            if (is_better(point, best ? *best : detour.point)) {
                best = std::move(point);
            }
        };
        for_each_gene(around.changes, [&](std::span<const Change> changes) {
            const std::uint32_t gene = changes.front().where;
            if (!sets_gene(changes.front())) {
                return false;
            }
            for (std::size_t i = 0; is_near_[gene] != 0 && gene != detour.gene && i < changes.size(); ++i) {
                std::optional<Point> point = changed(detour.point, around.normalized, changes[i]);
                if (!point) {
                    continue;
                }
                if (!differ_nearby(*point, detour.point)) {
                    break;
                }
                for (Point& further : with_awakened(*point, around)) {
                    consider(std::move(further));
                }
                consider(std::move(*point));
            }
            return !best && !is_done();
        });
        if (best) {
            detour.point = std::move(*best);
        }
        return best.has_value();
    }

    // The point with each other alternative of the genes that became active, where these are few.
    std::vector<Point> with_awakened(const Point& point, const Neighbourhood& before) {
        Neighbourhood around = neighbourhood_of(point);
        std::erase_if(around.changes,
                      [&](const Change& change) { return !sets_gene(change) || before.is_active[change.where] != 0; });
        std::vector<Point> points;
        for (std::size_t i = 0; around.changes.size() <= most_awakened && i < around.changes.size(); ++i) {
            if (std::optional<Point> further = changed(point, around.normalized, around.changes[i])) {
                points.push_back(std::move(*further));
            }
        }
        return points;
    }

    void try_all() {
        steps_left_ = most_steps_;
        space_.for_each_genome([this](const Genome& genome) {
            look_at(genome);
            return !is_done();
        });
        found_.tried_all = !is_done();
    }

    const Space& space_;
    Space::Decoder decoder_;
    NetworkComparison comparison_;
    arch::CanonicalHash wanted_hash_;
    std::size_t wanted_size_;
    std::uint64_t most_steps_;
    std::uint64_t steps_left_;
    random::Stream stream_;
    GenomeOfNetwork found_;
    Likeness best_likeness_;
    std::vector<std::uint32_t> least_lost_;  // per gene: wanted layers that every other alternative loses at least
    std::vector<std::uint8_t> is_near_;      // per gene
};

}  // namespace

GenomeOfNetwork find_genome(const Space& space, const arch::Network& wanted, std::uint64_t most_steps) {
    return Climber(space, wanted, most_steps).find();
}

}  // namespace sotto::search
