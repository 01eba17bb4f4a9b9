// SPDX-License-Identifier: Apache-2.0
//
// Per channel, over n values: h = (x - mean(x)) s, s = (variance(x) + epsilon)^-1/2. With
//
//     T(u) = s (u - mean(u) - h mean(h u)),
//
// the derivative of h in direction u is T(u), and since T is symmetric, T(c) is what goes back for c. For the product
// <c, T(u)> = s n (mean(c u) - mean(c) mean(u) - mean(h c) mean(h u)), with ds/dx = -s^2 h / n and
// d(n mean(h u))/dx = T(u),
//
//     d<c, T(u)>/dx = -s^2 h (mean(c u) - mean(c) mean(u) - mean(h c) mean(h u)) - s (mean(h c) T(u) + mean(h u) T(c)).
#include "plugins/accuracy/batch_normalization.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {
namespace {

/// The planes of one channel of a contiguous map.
template <typename Scalar>
class Channel {
  public:
    Channel(const at::Tensor& map, std::int64_t channel)
        : first_(map.data_ptr<Scalar>() + channel * map.size(2) * map.size(3)),
          stride_(map.size(1) * map.size(2) * map.size(3)) {}

    Scalar* plane(std::int64_t image) const { return first_ + image * stride_; }

  private:
    Scalar* first_;
    std::int64_t stride_;
};

/// The mean over images and positions of term(plane of each map...)[position], added up in eight lanes that the
/// compiler can keep in vector registers.
template <typename Term>
double mean_of(std::int64_t images, std::int64_t positions, Term term) {
    constexpr std::int64_t width = 8;
    std::array<double, width> lanes{};
    double rest = 0;
    for (std::int64_t image = 0; image < images; ++image) {
        const auto at = term(image);
        std::int64_t position = 0;
        for (; position + width <= positions; position += width) {
            for (std::int64_t lane = 0; lane < width; ++lane) {
                lanes[static_cast<std::size_t>(lane)] += static_cast<double>(at(position + lane));
            }
        }
        for (; position < positions; ++position) {
            rest += static_cast<double>(at(position));
        }
    }
    for (const double lane : lanes) {
        rest += lane;
    }
    return rest / static_cast<double>(images * positions);
}

template <typename Scalar>
double mean_of(const Channel<Scalar>& map, std::int64_t images, std::int64_t positions) {
    return mean_of(images, positions, [&](std::int64_t image) {
        return [plane = map.plane(image)](std::int64_t position) { return plane[position]; };
    });
}

template <typename Scalar>
double mean_product(const Channel<Scalar>& left, const Channel<Scalar>& right, std::int64_t images,
                    std::int64_t positions) {
    return mean_of(images, positions, [&](std::int64_t image) {
        return [one = left.plane(image), other = right.plane(image)](std::int64_t position) {
            return static_cast<double>(one[position]) * static_cast<double>(other[position]);
        };
    });
}

/// out[position] = value(...)[position] in every plane.
template <typename Scalar, typename Value>
void fill(const Channel<Scalar>& out, std::int64_t images, std::int64_t positions, Value value) {
    for (std::int64_t image = 0; image < images; ++image) {
        Scalar* const plane = out.plane(image);
        const auto at = value(image);
        for (std::int64_t position = 0; position < positions; ++position) {
            plane[position] = at(position);
        }
    }
}

struct Size {
    explicit Size(const at::Tensor& map)
        : images(map.size(0)), channels(map.size(1)), positions(map.size(2) * map.size(3)) {}
    std::int64_t images;
    std::int64_t channels;
    std::int64_t positions;
};

template <typename Scalar>
void normalize_into(const at::Tensor& map, at::Tensor& result, at::Tensor& inverse) {
    const Size size(map);
    for (std::int64_t channel = 0; channel < size.channels; ++channel) {
        const Channel<Scalar> x(map, channel);
        const double mean = mean_of(x, size.images, size.positions);
        const double variance = mean_of(size.images, size.positions, [&](std::int64_t image) {
            return [plane = x.plane(image), mean](std::int64_t position) {
                const double difference = static_cast<double>(plane[position]) - mean;
                return difference * difference;
            };
        });
        const double scale = 1 / std::sqrt(variance + normalization_epsilon);
        inverse.data_ptr<Scalar>()[channel] = static_cast<Scalar>(scale);
        fill(Channel<Scalar>(result, channel), size.images, size.positions, [&](std::int64_t image) {
            return [plane = x.plane(image), mean = static_cast<Scalar>(mean), scale = static_cast<Scalar>(scale)](
                       std::int64_t position) { return (plane[position] - mean) * scale; };
        });
    }
}

/// T(direction).
template <typename Scalar>
void tangent_into(const at::Tensor& direction, const at::Tensor& normalized, const at::Tensor& inverse,
                  at::Tensor& result) {
    const Size size(direction);
    for (std::int64_t channel = 0; channel < size.channels; ++channel) {
        const Channel<Scalar> u(direction, channel);
        const Channel<Scalar> h(normalized, channel);
        const auto mean = static_cast<Scalar>(mean_of(u, size.images, size.positions));
        const auto along = static_cast<Scalar>(mean_product(h, u, size.images, size.positions));
        const Scalar scale = inverse.data_ptr<Scalar>()[channel];
        fill(Channel<Scalar>(result, channel), size.images, size.positions, [&](std::int64_t image) {
            return [u = u.plane(image), h = h.plane(image), mean, along, scale](std::int64_t position) {
                return scale * (u[position] - mean - along * h[position]);
            };
        });
    }
}

template <typename Scalar>
void scale_into(const at::Tensor& direction, const at::Tensor& inverse, at::Tensor& result) {
    const Size size(direction);
    for (std::int64_t channel = 0; channel < size.channels; ++channel) {
        const Channel<Scalar> u(direction, channel);
        fill(Channel<Scalar>(result, channel), size.images, size.positions, [&](std::int64_t image) {
            return [u = u.plane(image), scale = inverse.data_ptr<Scalar>()[channel]](std::int64_t position) {
                return scale * u[position];
            };
        });
    }
}

/// d<cotangent, T(direction)>/dx; `back` is T(cotangent), `forth` is T(direction).
template <typename Scalar>
void second_derivative_into(const at::Tensor& cotangent, const at::Tensor& direction, const at::Tensor& back,
                            const at::Tensor& forth, const at::Tensor& normalized, const at::Tensor& inverse,
                            at::Tensor& result) {
    const Size size(direction);
    for (std::int64_t channel = 0; channel < size.channels; ++channel) {
        const Channel<Scalar> c(cotangent, channel);
        const Channel<Scalar> u(direction, channel);
        const Channel<Scalar> h(normalized, channel);
        const Channel<Scalar> tc(back, channel);
        const Channel<Scalar> tu(forth, channel);
        const double scale = inverse.data_ptr<Scalar>()[channel];
        const double along_c = mean_product(h, c, size.images, size.positions);
        const double along_u = mean_product(h, u, size.images, size.positions);
        const double inner = mean_product(c, u, size.images, size.positions) -
                             mean_of(c, size.images, size.positions) * mean_of(u, size.images, size.positions) -
                             along_c * along_u;
        fill(Channel<Scalar>(result, channel), size.images, size.positions, [&](std::int64_t image) {
            return [h = h.plane(image), tc = tc.plane(image), tu = tu.plane(image),
                    of_h = static_cast<Scalar>(-scale * scale * inner), of_u = static_cast<Scalar>(-scale * along_c),
                    of_c = static_cast<Scalar>(-scale * along_u)](std::int64_t position) {
                return of_h * h[position] + of_u * tu[position] + of_c * tc[position];
            };
        });
    }
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Normalization : torch::autograd::Function<Normalization> {
    static variable_list forward(AutogradContext* context, const at::Tensor& given,
                                 const StatisticsSwitch* statistics) {
        const at::Tensor map = given.contiguous();
        at::Tensor result = at::empty_like(map);
        at::Tensor inverse = at::empty({map.size(1)}, map.options());
        AT_DISPATCH_FLOATING_TYPES(map.scalar_type(), "normalize",
                                   [&] { normalize_into<scalar_t>(map, result, inverse); });
        context->save_for_backward({result, inverse});
        context->mark_non_differentiable({inverse});
        context->saved_data["statistics"] = reinterpret_cast<std::int64_t>(statistics);
        return {result, inverse};
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const auto* const statistics =
            reinterpret_cast<const StatisticsSwitch*>(context->saved_data["statistics"].toInt());
        const at::Tensor gradient = gradients[0].contiguous();
        at::Tensor result = at::empty_like(gradient);
        AT_DISPATCH_FLOATING_TYPES(gradient.scalar_type(), "normalize", [&] {
            if (statistics->are_constant) {
                scale_into<scalar_t>(gradient, saved[1], result);
            } else {
                tangent_into<scalar_t>(gradient, saved[0], saved[1], result);
            }
        });
        return {result, at::Tensor()};
    }
};

struct TangentNormalization : torch::autograd::Function<TangentNormalization> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor&, const at::Tensor& given,
                              const at::Tensor& normalized, const at::Tensor& inverse) {
        const at::Tensor direction = given.contiguous();
        at::Tensor result = at::empty_like(direction);
        AT_DISPATCH_FLOATING_TYPES(direction.scalar_type(), "normalize_tangent",
                                   [&] { tangent_into<scalar_t>(direction, normalized, inverse, result); });
        context->save_for_backward({direction, normalized, inverse});
        return result;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& direction = saved[0];
        const at::Tensor& normalized = saved[1];
        const at::Tensor& inverse = saved[2];
        const at::Tensor cotangent = gradients[0].contiguous();
        at::Tensor back = at::empty_like(cotangent);
        at::Tensor by_map = at::empty_like(cotangent);
        AT_DISPATCH_FLOATING_TYPES(cotangent.scalar_type(), "normalize_tangent", [&] {
            tangent_into<scalar_t>(cotangent, normalized, inverse, back);
            at::Tensor forth = at::empty_like(cotangent);
            tangent_into<scalar_t>(direction, normalized, inverse, forth);
            second_derivative_into<scalar_t>(cotangent, direction, back, forth, normalized, inverse, by_map);
        });
        return {by_map, back, at::Tensor(), at::Tensor()};
    }
};

}  // namespace

Normalized normalize(const at::Tensor& map, const StatisticsSwitch& statistics) {
    const variable_list result = Normalization::apply(map, &statistics);
    return {result[0], result[1]};
}

at::Tensor normalize_tangent(const at::Tensor& map, const at::Tensor& tangent, const Normalized& normalized) {
    return TangentNormalization::apply(map, tangent, normalized.map.detach(), normalized.inverse.detach());
}

}  // namespace sotto::accuracy
