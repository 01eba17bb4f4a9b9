// SPDX-License-Identifier: Apache-2.0
//
// The sum of grasp is w'Hg = g'Hw, and Hw comes from the derivative of L as all weights grow together,
//
//     S(w) = d/dt L((1 + t) w) at t = 0 = sum w g,    grad S = g + Hw,
//
// which goes forward beside the values (tangent.hpp). So there is no derivative of a backward pass, for which LibTorch
// has slow convolutions alone.
#include "plugins/accuracy/gradient_scores.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>

#include "plugins/accuracy/batch_normalization.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/differentiable_network.hpp"
#include "plugins/accuracy/jacobian_correlation.hpp"
#include "plugins/accuracy/lane_sum.hpp"
#include "plugins/accuracy/matrix_product.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/tangent.hpp"

namespace sotto::accuracy {
namespace {

std::vector<double> to_doubles(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// The sum of term(left element, right element).
template <typename Term>
double sum_over(const at::Tensor& left, const at::Tensor& right, Term term) {
    const at::Tensor one = left.detach().contiguous();
    const at::Tensor other = right.detach().contiguous();
    double sum = 0;
    AT_DISPATCH_FLOATING_TYPES(one.scalar_type(), "sum_over", [&] {
        const auto* const a = one.data_ptr<scalar_t>();
        const auto* const b = other.data_ptr<scalar_t>();
        sum = sum_in_lanes(static_cast<std::size_t>(one.numel()), [&](std::size_t index) {
            return term(static_cast<double>(a[index]), static_cast<double>(b[index]));
        });
    });
    return sum;
}

double logarithm(double value) {
    constexpr double least = 1e-30;
    return std::log(std::max(value, least));
}

/// The sums before logarithms are taken; infinite or NaN where they overflow.
struct RawScores {
    bool squares_in_range = true;
    std::vector<double> jacobian;
    double grad_norm = 0;
    double snip = 0;
    double grasp = 0;
    double fisher = 0;

    bool finite() const {
        return squares_in_range && std::isfinite(grad_norm) && std::isfinite(snip) && std::isfinite(grasp) &&
               std::isfinite(fisher) &&
               std::all_of(jacobian.begin(), jacobian.end(), [](double value) { return std::isfinite(value); });
    }
};

/// One network with its batch, differentiated in one type of number.
class Differentiation {
  public:
    Differentiation(const Graph& graph, std::uint64_t seed, const ImageBatch& batch, const WantedScores& wanted,
                    at::ScalarType type, const sotto_host* host)
        : network_(graph, {seed, type, false}),
          wanted_(wanted),
          host_(host),
          weights_(network_.weights()),
          images_(batch.images.to(type)) {
        if (weights_.empty()) {
            throw CandidateError(SOTTO_UNSUPPORTED, "the network has no weights, so no gradient");
        }
        if (wanted.any_of_loss()) {
            for (at::Tensor& weight : weights_) {
                weight.requires_grad_(true);
            }
        }
        if (wanted.jacob_cov) {
            images_ = images_.detach().requires_grad_(true);
        }
    }

    RawScores run(const ImageBatch& batch) {
        ForwardOptions options;
        options.normalization = Normalization::none;  // replaced by observe()
        options.host = host_;
        options.observe = [this](std::size_t layer, at::Tensor output) { return observe(layer, std::move(output)); };
        for (const Node& node : network_.graph().nodes()) {
            readers_.push_back(node.consumers);
        }
        known_.resize(readers_.size());
        tangents_.resize(readers_.size());
        const at::Tensor logits = network_.forward(images_, options).flatten(1);
        if (wanted_.jacob_cov) {
            statistics_.are_constant = true;
            const auto gradients =
                torch::autograd::grad({logits.sum()}, {images_}, {}, wanted_.any_of_loss(), false, true);
            statistics_.are_constant = false;
            scores_.jacobian = gradients[0].defined() ? to_doubles(gradients[0])
                                                      : std::vector<double>(static_cast<std::size_t>(images_.numel()));
        }
        if (wanted_.any_of_loss()) {
            differentiate_loss(logits, batch);
        }
        return std::move(scores_);
    }

  private:
    at::Tensor observe(std::size_t layer, at::Tensor output) {
        const Node& node = network_.graph().nodes()[layer];
        LayerValues values;
        if (wanted_.grasp) {
            for (const std::uint32_t operand : network_.graph().operands(layer)) {
                values.operands.push_back(known_[operand]);
            }
        }
        if (node.kind == SOTTO_LAYER_BATCH_NORMALIZATION) {
            values.normalized = normalize(output, statistics_);
            output = values.normalized.map;
        }
        if (node.kind == SOTTO_LAYER_ACTIVATION && node.activation == SOTTO_ACTIVATION_SQUARE) {
            values.factor = to_unit_mean_square(output);
            output = at::mul(output, values.factor);
        }
        if (network_.layers()[layer].weight.defined() && output.requires_grad()) {
            output.register_hook([this, map = wanted_.fisher ? output.detach() : at::Tensor()](
                                     const at::Tensor& gradient) { on_gradient(map, gradient); });
        }
        if (wanted_.grasp) {
            values.output = output;
            std::vector<at::Tensor> operand_tangents;
            for (const std::uint32_t operand : network_.graph().operands(layer)) {
                operand_tangents.push_back(tangents_[operand]);
                if (--readers_[operand] == 0) {
                    known_[operand] = at::Tensor();
                    tangents_[operand] = at::Tensor();
                }
            }
            known_[layer] = output;
            if (node.kind != SOTTO_LAYER_INPUT) {
                tangents_[layer] = tangent(network_, layer, values, operand_tangents);
            }
        }
        return output;
    }

    /// What takes a map of squares to a mean square of 1; 1 for a map of zeros.
    double to_unit_mean_square(const at::Tensor& map) {
        const double squares = sum_over(map, map, [](double value, double) { return value * value; });
        // A float's square loses its digits below 1e-19 and is 0 below 1e-23: whether the map is one of zeros is for
        // the repetition in double to say.
        const bool may_be_lost = map.scalar_type() == at::kFloat && squares < 1e-74 * static_cast<double>(map.numel());
        if (may_be_lost || !std::isfinite(squares)) {
            scores_.squares_in_range = false;
        }
        return squares > 0 && std::isfinite(squares) ? std::sqrt(static_cast<double>(map.numel()) / squares) : 1.0;
    }

    void on_gradient(const at::Tensor& map, const at::Tensor& gradient) {
        stop_if_cancelled(host_);
        if (adds_fisher_) {
            const std::vector<double> per_channel = to_doubles((map * gradient).flatten(2).sum(2, false, at::kDouble));
            double sum = 0;
            for (const double value : per_channel) {
                sum += value * value;
            }
            scores_.fisher += sum / (2 * static_cast<double>(map.size(0)));
        }
    }

    void differentiate_loss(const at::Tensor& logits, const ImageBatch& batch) {
        const std::int64_t images = logits.size(0);
        // Classes as rows with one 1: their products are sums that any thread may run.
        at::Tensor classes = at::zeros({images, logits.size(1)}, logits.options().requires_grad(false));
        for (std::int64_t image = 0; image < images; ++image) {
            classes[image][batch.labels[static_cast<std::size_t>(image)]] = 1;
        }
        const double share = -1 / static_cast<double>(images);
        const at::Tensor loss = (at::log_softmax(logits, 1) * classes).sum() * share;
        adds_fisher_ = wanted_.fisher;
        const std::vector<at::Tensor> gradients =
            torch::autograd::grad({loss}, weights_, {}, wanted_.grasp, false, true);
        adds_fisher_ = false;
        for (std::size_t index = 0; index < weights_.size(); ++index) {
            if (gradients[index].defined()) {
                scores_.grad_norm +=
                    std::sqrt(sum_over(gradients[index], gradients[index], [](double g, double) { return g * g; }));
                scores_.snip +=
                    sum_over(weights_[index], gradients[index], [](double w, double g) { return std::fabs(w * g); });
            }
        }
        if (wanted_.grasp) {
            const at::Tensor& direction = tangents_[network_.graph().output()];
            const at::Tensor growth = ((at::softmax(logits, 1) - classes) * direction.flatten(1)).sum() * -share;
            const std::vector<at::Tensor> products = torch::autograd::grad({growth}, weights_, {}, false, false, true);
            for (std::size_t index = 0; index < weights_.size(); ++index) {
                if (gradients[index].defined() && products[index].defined()) {
                    scores_.grasp -= sum_over(gradients[index], products[index],
                                              [](double g, double with_product) { return g * (with_product - g); });
                }
            }
        }
    }

    DifferentiableNetwork network_;
    WantedScores wanted_;
    const sotto_host* host_;
    std::vector<at::Tensor> weights_;
    at::Tensor images_;
    StatisticsSwitch statistics_;
    bool adds_fisher_ = false;
    RawScores scores_;
    // For tangents: layers that are still to be read.
    std::vector<std::uint32_t> readers_;
    std::vector<at::Tensor> known_;
    std::vector<at::Tensor> tangents_;
};

}  // namespace

GradientScores gradient_scores(const Graph& graph, std::uint64_t seed, const ImageBatch& batch,
                               const WantedScores& wanted, const sotto_host* host, std::int64_t memory_limit_mib) {
    if (wanted.any_of_loss() && elements(graph.nodes()[graph.output()].output) < 2) {
        throw CandidateError(SOTTO_UNSUPPORTED, "the network has one output, whose cross-entropy is always 0");
    }
    RawScores raw = Differentiation(graph, seed, batch, wanted, at::kFloat, host).run(batch);
    if (!raw.finite()) {
        check_memory(2 * gradient_bytes(graph, batch.images.size(0), wanted), memory_limit_mib);
        const std::unique_lock lock = lock_blas();
        raw = Differentiation(graph, seed, batch, wanted, at::kDouble, host).run(batch);
    }
    if (!raw.finite()) {
        throw CandidateError(SOTTO_UNSUPPORTED, "the network's gradients are beyond the range of a double");
    }
    GradientScores scores;
    if (wanted.jacob_cov) {
        scores.jacob_cov = decorrelation(raw.jacobian, static_cast<std::size_t>(batch.images.size(0)));
    }
    if (wanted.any_of_loss()) {
        scores.grad_norm = logarithm(raw.grad_norm);
        scores.snip = logarithm(raw.snip);
        scores.grasp = std::copysign(std::log1p(std::fabs(raw.grasp)), raw.grasp);
        scores.fisher = logarithm(raw.fisher);
    }
    return scores;
}

}  // namespace sotto::accuracy
