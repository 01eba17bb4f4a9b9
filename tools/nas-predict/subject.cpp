// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/subject.hpp"

#include <set>
#include <stdexcept>

#include "cost_models/training/measurement_table.hpp"
#include "cost_models/training/training_set.hpp"
#include "engine/input/input_error.hpp"
#include "engine/secure/lowering.hpp"
#include "tools/nas-predict/network_file.hpp"

namespace sotto::tools {
namespace {

using input::InputError;

std::unique_ptr<Subject> read_subject(const std::string& file, secure::Lowering& lowering) {
    auto subject = std::make_unique<Subject>();
    subject->file = file;
    subject->network = read_network(file, subject->notes);
    subject->name = name_of(*subject->network, file);
    if (const auto unsupported = lowering.lower(*subject->network, subject->program)) {
        throw InputError(
            {{file, 0, 0}, "layer '" + unsupported->layer + "' has no secure form", unsupported->reason, {}, {}});
    }
    subject->view.set(0, &*subject->network, &subject->program);
    return subject;
}

void read_programs(const std::string& table, Subjects& subjects) {
    std::set<std::string> names;
    for (const training::Execution& execution :
         training::read_measurement_table(table, training::Times::optional).executions) {
        if (!names.insert(execution.network).second) {
            continue;
        }
        auto subject = std::make_unique<Subject>();
        subject->file = table;
        subject->name = subject->title = execution.network;
        for (const training::MeasuredOperation& row : execution.operations) {
            subject->operations.push_back(row.operation);
        }
        const sotto_program program = {sizeof(sotto_program), sizeof(sotto_operation),
                                       static_cast<std::uint32_t>(subject->operations.size()), 0,
                                       subject->operations.data()};
        subject->view.refer(0, nullptr, &program);
        subjects.push_back(std::move(subject));
    }
}

std::string shape_text(const sotto_shape& shape) {
    return std::to_string(shape.height) + 'x' + std::to_string(shape.width) + 'x' + std::to_string(shape.channels);
}

}  // namespace

std::string Subject::layer_of(const sotto_operation& operation) const {
    return network ? std::string(network->layer_name(operation.layer)) : std::string();
}

Subjects read_subjects(const std::vector<std::string>& networks, const std::string& table,
                       const std::string& lowering_name) {
    secure::Lowering lowering = [&] {
        try {
            return secure::Lowering(lowering_name);
        } catch (const std::invalid_argument& error) {
            throw InputError({{}, std::string("--lowering: ") + error.what(), {}, {}, {}});
        }
    }();
    Subjects subjects;
    std::vector<std::string> names;
    for (const std::string& file : networks) {
        subjects.push_back(read_subject(file, lowering));
        names.push_back(subjects.back()->name);
    }
    names = telling_names(names, networks);
    for (std::size_t i = 0; i < names.size(); ++i) {
        subjects[i]->title = names[i];
    }
    if (!table.empty()) {
        read_programs(table, subjects);
    }
    return subjects;
}

std::string operation_text(const sotto_operation& operation) {
    std::string text(training::layer_type(operation));
    const sotto_window& window = operation.window;
    switch (operation.kind) {
        case SOTTO_OPERATION_CONVOLUTION:
        case SOTTO_OPERATION_MAX_POOL:
        case SOTTO_OPERATION_AVERAGE_POOL:
            text += ' ' + shape_text(operation.input) + " -> " + shape_text(operation.output) + ", " +
                    std::to_string(window.kernel_height) + 'x' + std::to_string(window.kernel_width) + " stride " +
                    std::to_string(window.stride_height);
            break;
        case SOTTO_OPERATION_FULLY_CONNECTED:
            text += ' ' + std::to_string(operation.input.channels) + " -> " + std::to_string(operation.output.channels);
            break;
        case SOTTO_OPERATION_BATCH_NORMALIZATION:
            text += ' ' + shape_text(operation.input);
            break;
        default:
            text += ' ' + std::to_string(operation.elements);
    }
    return text;
}

}  // namespace sotto::tools
