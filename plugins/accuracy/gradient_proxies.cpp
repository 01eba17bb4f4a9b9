// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/gradient_proxies.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/gradient_scores.hpp"
#include "plugins/accuracy/image_batch.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/random_weights.hpp"

namespace sotto::accuracy {
namespace {

class GradientEvaluator final : public Evaluator {
  public:
    GradientEvaluator(const Arguments& arguments, const WantedScores& wanted, const sotto_host* host)
        : wanted_(wanted),
          batch_(arguments.integer("batch")),
          repeats_(arguments.integer("repeats")),
          source_(arguments.text("images"), batch_),
          input_size_(arguments.integer("input_size")),
          memory_limit_(arguments.integer("memory_limit")),
          host_(host) {}

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const override {
        const Graph resized = source_.fit(graph, input_size_);
        check_memory(gradient_bytes(resized, batch_, wanted_), memory_limit_);
        std::fill(metrics.begin(), metrics.end(), 0.0);
        for (std::int64_t repeat = 0; repeat < repeats_; ++repeat) {
            const std::uint64_t draw = draw_seed(seed, repeat);
            const ImageBatch batch = source_.draw(resized, batch_, draw);
            const GradientScores scores = gradient_scores(resized, draw, batch, wanted_, host_, memory_limit_);
            std::size_t metric = 0;
            for (const auto& [is_wanted, score] :
                 {std::pair(wanted_.jacob_cov, scores.jacob_cov), std::pair(wanted_.grad_norm, scores.grad_norm),
                  std::pair(wanted_.snip, scores.snip), std::pair(wanted_.grasp, scores.grasp),
                  std::pair(wanted_.fisher, scores.fisher)}) {
                if (is_wanted) {
                    metrics[metric++] += score / static_cast<double>(repeats_);
                }
            }
        }
    }

  private:
    WantedScores wanted_;
    std::int64_t batch_;
    std::int64_t repeats_;
    ImageSource source_;
    std::int64_t input_size_;
    std::int64_t memory_limit_;
    const sotto_host* host_;
};

}  // namespace

std::unique_ptr<Evaluator> make_jacob_cov(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<GradientEvaluator>(arguments, WantedScores{.jacob_cov = true}, host);
}

std::unique_ptr<Evaluator> make_grad_norm(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<GradientEvaluator>(arguments, WantedScores{.grad_norm = true}, host);
}

std::unique_ptr<Evaluator> make_snip(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<GradientEvaluator>(arguments, WantedScores{.snip = true}, host);
}

std::unique_ptr<Evaluator> make_grasp(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<GradientEvaluator>(arguments, WantedScores{.grasp = true}, host);
}

std::unique_ptr<Evaluator> make_fisher(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<GradientEvaluator>(arguments, WantedScores{.fisher = true}, host);
}

std::unique_ptr<Evaluator> make_gradients(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<GradientEvaluator>(arguments, WantedScores{true, true, true, true, true}, host);
}

}  // namespace sotto::accuracy
