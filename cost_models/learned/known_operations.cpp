// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/known_operations.hpp"

namespace sotto::learned {

std::string KnownOperations::number(const sotto_program& program, std::vector<std::uint32_t>& numbers,
                                    std::vector<New>& fresh) {
    const std::size_t before = numbers.size();
    std::uint32_t last = table_.none;
    for (std::uint32_t i = 0; i < program.operation_count; ++i) {
        const sotto_operation& operation = *sotto_operation_at(&program, i);
        std::uint32_t number = table_.find_after(last, operation);
        if (number == table_.none) {
            KnownOperation known;
            const bool is_sound = own_workload(profile_, operation, known.work);
            if (!is_sound || !physical_.knows(known.work)) {
                numbers.resize(before);
                return is_sound ? unmeasured(known.work, i) : refusal(operation, i);
            }
            known.physical_ms = physical_.own_ms(known.work);
            number = table_.add(operation, known);
            fresh.push_back({number, &operation});
        }
        numbers.push_back(number);
        last = number;
    }
    return {};
}

std::string unmeasured(const OwnWorkload& work, std::size_t index) {
    const bool is_product = work.type == LayerType::bn && !work.is_homomorphic;
    return "operation " + std::to_string(index) + " (" +
           (is_product ? "an elementwise product" : std::string(layer_type_name(work.type))) +
           ") is of a type that was not measured";
}

}  // namespace sotto::learned
