// SPDX-License-Identifier: Apache-2.0
// Each thing that is refused, by what the error says.
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/input/input_error.hpp"
#include "engine/onnx/read_network.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using matchers::contains_text;

namespace {

using Integers = std::vector<std::int64_t>;

// A node under construction; named as its operator.
class TestNode {
  public:
    explicit TestNode(::onnx::NodeProto& message) : message_(message) {}

    TestNode& with(const std::string& name, std::int64_t value) {
        ::onnx::AttributeProto& attribute = add(name, ::onnx::AttributeProto::INT);
        attribute.set_i(value);
        return *this;
    }
    TestNode& with(const std::string& name, const Integers& values) {
        ::onnx::AttributeProto& attribute = add(name, ::onnx::AttributeProto::INTS);
        attribute.mutable_ints()->Assign(values.begin(), values.end());
        return *this;
    }
    TestNode& with_number(const std::string& name, float value) {
        add(name, ::onnx::AttributeProto::FLOAT).set_f(value);
        return *this;
    }
    TestNode& with_word(const std::string& name, const std::string& value) {
        add(name, ::onnx::AttributeProto::STRING).set_s(value);
        return *this;
    }
    ::onnx::NodeProto& message() { return message_; }

  private:
    ::onnx::AttributeProto& add(const std::string& name, ::onnx::AttributeProto::AttributeType type) {
        ::onnx::AttributeProto& attribute = *message_.add_attribute();
        attribute.set_name(name);
        attribute.set_type(type);
        return attribute;
    }

    ::onnx::NodeProto& message_;
};

// A model with the input `image` and the output `scores`.
class TestModel {
  public:
    explicit TestModel(const Integers& input = {1, 4, 8, 8}, std::int64_t operator_set = 13) {
        model.set_ir_version(7);
        model.add_opset_import()->set_version(operator_set);
        add_value(*graph().add_input(), "image", input);
        add_value(*graph().add_output(), "scores", {});
    }

    static void add_value(::onnx::ValueInfoProto& value, const std::string& name, const Integers& dimensions) {
        value.set_name(name);
        ::onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
        tensor.set_elem_type(::onnx::TensorProto::FLOAT);
        for (const std::int64_t dimension : dimensions) {
            tensor.mutable_shape()->add_dim()->set_dim_value(dimension);
        }
    }

    TestNode node(const std::string& operation, std::initializer_list<const char*> inputs,
                  const std::string& output = "scores") {
        ::onnx::NodeProto& message = *graph().add_node();
        message.set_op_type(operation);
        message.set_name("the_" + operation);
        for (const char* input : inputs) {
            message.add_input(input);
        }
        message.add_output(output);
        return TestNode(message);
    }

    ::onnx::TensorProto& weights(const std::string& name, const Integers& dimensions) {
        ::onnx::TensorProto& tensor = *graph().add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(::onnx::TensorProto::FLOAT);
        tensor.mutable_dims()->Assign(dimensions.begin(), dimensions.end());
        return tensor;
    }

    void integers(const std::string& name, const Integers& values) {
        ::onnx::TensorProto& tensor = weights(name, {static_cast<std::int64_t>(values.size())});
        tensor.set_data_type(::onnx::TensorProto::INT64);
        tensor.mutable_int64_data()->Assign(values.begin(), values.end());
    }

    void number(const std::string& name, float value) { weights(name, {}).add_float_data(value); }

    ::onnx::GraphProto& graph() { return *model.mutable_graph(); }

    arch::Network read() const { return sotto::onnx::parse_network(model.SerializeAsString(), "net.onnx"); }

    std::string error() const {
        try {
            read();
        } catch (const input::InputError& error) {
            CHECK(error.parts().location.file == "net.onnx");
            return error.what();
        }
        return "no error";
    }

    ::onnx::ModelProto model;
};

// A model of one node that reads the image, after `change`.
std::string error_of(
    const std::string& operation, std::initializer_list<const char*> inputs,
    const std::function<void(TestModel&, TestNode)>& change = [](TestModel&, const TestNode&) {}) {
    TestModel model;
    change(model, model.node(operation, inputs));
    return model.error();
}

}  // namespace

TEST_CASE("A model that is nothing else but right is read") {
    TestModel model;
    model.weights("w", {6, 4, 3, 3});
    model.node("Conv", {"image", "w"});
    const arch::Network network = model.read();
    REQUIRE(network.size() == 2);
    CHECK(arch::to_text(network.layer(1).output) == "6x6x6");
}

TEST_CASE("An operator that is not supported is answered with the nearest that is") {
    CHECK_THAT(error_of("Sigmoid", {"image"}),
               contains_text("net.onnx: node 'the_Sigmoid' (Sigmoid): the operator is not supported: found 'Sigmoid', "
                             "expected one of 'Add', 'AveragePool', 'BatchNormalization'"));
    CHECK_THAT(error_of("Convv", {"image"}), contains_text("did you mean 'Conv'?"));
    CHECK_THAT(error_of("Relu", {"image"}, [](TestModel&, TestNode node) { node.message().set_domain("com.example"); }),
               contains_text("operators of other domains are not read: found domain 'com.example'"));
    CHECK_THAT(error_of("Relu", {"image"}, [](TestModel&, TestNode node) { node.with("alfa", 1); }),
               contains_text("unknown attribute: found 'alfa', expected none"));
    CHECK_THAT(error_of("MaxPool", {"image"}, [](TestModel&, TestNode node) { node.with("kernel_shap", 1); }),
               contains_text("did you mean 'kernel_shape'?"));
}

TEST_CASE("A model of another version or without a graph is refused") {
    CHECK_THAT(TestModel({1, 4, 8, 8}, 8).error(),
               contains_text("the version of the operator set is not read: found 8, expected opset 9 to 22"));
    CHECK_THAT(TestModel({1, 4, 8, 8}, 23).error(), contains_text("found 23, expected opset 9 to 22"));
    TestModel unversioned;
    unversioned.model.clear_opset_import();
    CHECK_THAT(unversioned.error(), contains_text("names no version of the default operator set"));
    TestModel empty;
    empty.model.clear_graph();
    CHECK_THAT(empty.error(), contains_text("holds no graph"));
}

TEST_CASE("An input that is not one image of fixed size is refused") {
    CHECK_THAT(TestModel({8, 4, 8, 8}).error(), contains_text("is a batch of several images: found 8"));
    CHECK_THAT(TestModel({1, 48}).error(), contains_text("input 'image' is not an image: found 2 dimensions"));
    CHECK_THAT(TestModel({1, 0, 8, 8}).error(), contains_text("number of output channels 0"));
    CHECK_THAT(TestModel({1, 4, std::int64_t{1} << 40, 8}).error(), contains_text("is too large"));
    TestModel symbolic;
    symbolic.graph()
        .mutable_input(0)
        ->mutable_type()
        ->mutable_tensor_type()
        ->mutable_shape()
        ->mutable_dim(2)
        ->set_dim_param("height");
    CHECK_THAT(symbolic.error(), contains_text("has no fixed size: found [1, 4, 'height', 8]"));
    TestModel integers;
    integers.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(::onnx::TensorProto::UINT8);
    CHECK_THAT(integers.error(), contains_text("is not an image of floating-point numbers: found element type 2"));
    TestModel two;
    TestModel::add_value(*two.graph().add_input(), "mask", {1, 1, 8, 8});
    CHECK_THAT(two.error(), contains_text("does not have one input: found 2 ('image', 'mask')"));
    TestModel none;
    none.graph().clear_input();
    CHECK_THAT(none.error(), contains_text("does not have one input: found none"));
}

TEST_CASE("A symbolic batch is one image") {
    TestModel model;
    model.graph()
        .mutable_input(0)
        ->mutable_type()
        ->mutable_tensor_type()
        ->mutable_shape()
        ->mutable_dim(0)
        ->set_dim_param("N");
    model.node("Relu", {"image"});
    CHECK(arch::to_text(model.read().layer(0).output) == "4x8x8");
}

TEST_CASE("A graph that does not hang together is refused") {
    CHECK_THAT(error_of("Relu", {"imag"}), contains_text("reads an unknown tensor: found 'imag'"));
    CHECK_THAT(error_of("Relu", {"imag"}), contains_text("did you mean 'image'?"));
    CHECK_THAT(error_of("Relu", {"scores"}), contains_text("reads a tensor that is written below it: found 'scores'"));
    CHECK_THAT(error_of("Relu", {"image"}, [](TestModel& model, const TestNode&) { model.node("Relu", {"image"}); }),
               contains_text("writes a tensor that node 'the_Relu' (Relu) writes: found 'scores'"));
    CHECK_THAT(
        error_of("Relu", {"image"}, [](TestModel& model, const TestNode&) { model.node("Abs", {"image"}, "image"); }),
        contains_text("writes a tensor that the graph has already: found 'image'"));
    TestModel unwritten;
    CHECK_THAT(unwritten.error(), contains_text("the output 'scores' is not written by any node"));
    TestModel constant;
    constant.number("scores", 1);
    CHECK_THAT(constant.error(), contains_text("the output 'scores' does not depend on the image"));
    CHECK_THAT(error_of("Relu", {"image"},
                        [](TestModel& model, const TestNode&) {
                            TestModel::add_value(*model.graph().add_output(), "auxiliary", {});
                        }),
               contains_text("does not have one output: found 2 ('scores', 'auxiliary')"));
    CHECK_THAT(error_of("Relu", {"image"},
                        [](TestModel& model, const TestNode&) {
                            model.graph().mutable_output(0)->Clear();
                            TestModel::add_value(*model.graph().mutable_output(0), "scores", {1, 4, 8, 9});
                        }),
               contains_text("has other dimensions than the file states: found [1, 4, 8, 8], expected [1, 4, 8, 9]"));
}

TEST_CASE("A damaged tensor is refused") {
    const auto error_of_weights = [](const std::function<void(::onnx::TensorProto&)>& change) {
        return error_of("Conv", {"image", "w"}, [&](TestModel& model, const TestNode&) {
            change(model.weights("w", {6, 4, 3, 3}));
        });
    };
    CHECK(error_of_weights([](::onnx::TensorProto&) {}) == "no error");
    CHECK_THAT(error_of_weights([](::onnx::TensorProto& tensor) { tensor.set_dims(0, -1); }),
               contains_text("initializer 'w' has an impossible size: found [-1, 4, 3, 3]"));
    CHECK_THAT(error_of_weights([](::onnx::TensorProto& tensor) { tensor.set_dims(0, std::int64_t{1} << 62); }),
               contains_text("impossible size"));
    CHECK_THAT(error_of_weights([](::onnx::TensorProto& tensor) { tensor.set_raw_data("12345"); }),
               contains_text("is damaged: its data does not fill it: found 5 bytes, expected 216 elements of 4 bytes"));
    CHECK_THAT(error_of_weights([](::onnx::TensorProto& tensor) { tensor.add_float_data(1); }),
               contains_text("found 1 elements, expected 216 elements"));
    CHECK_THAT(error_of_weights([](::onnx::TensorProto& tensor) { tensor.set_data_type(::onnx::TensorProto::STRING); }),
               contains_text("has elements that are no numbers: found data type 8"));
    CHECK_THAT(error_of_weights([](::onnx::TensorProto& tensor) {
                   for (int i = 0; i < 100; ++i) {
                       tensor.add_dims(1);
                   }
               }),
               contains_text("has too many dimensions: found 104, expected at most 8"));
}

TEST_CASE("A convolution that the engine has no word for is refused") {
    const auto error_of_convolution = [](const std::function<void(TestNode)>& change,
                                         const Integers& weights = {6, 4, 3, 3}) {
        return error_of("Conv", {"image", "w"}, [&](TestModel& model, TestNode node) {
            model.weights("w", weights);
            change(node);
        });
    };
    const auto nothing = [](const TestNode&) {};
    CHECK_THAT(
        error_of_convolution([](TestNode node) {
            node.with("dilations", Integers{2, 2});
        }),
        contains_text("dilated windows have no secure form: attribute 'dilations': found [2, 2], expected [1, 1]"));
    CHECK_THAT(error_of_convolution(nothing, {6, 3, 3, 3}),
               contains_text("weights do not fit its input of 4x8x8: found [6, 3, 3, 3] in 1 groups"));
    CHECK_THAT(error_of_convolution([](TestNode node) { node.with("group", 3); }),
               contains_text("expected groups that divide 4 channels"));
    CHECK_THAT(error_of_convolution(nothing, {6, 4, 3}), contains_text("expected 4 dimensions"));
    CHECK_THAT(error_of_convolution(nothing, {0, 4, 3, 3}), contains_text("number of output channels: found 0"));
    CHECK_THAT(error_of_convolution(nothing, {6, 4, 9, 3}),
               contains_text("node 'the_Conv' (Conv): window 9x3 is larger than the padded input 8x8"));
    CHECK_THAT(error_of_convolution([](TestNode node) {
                   node.with("kernel_shape", Integers{1, 1});
               }),
               contains_text("attribute 'kernel_shape' is not that of the weights: found [1, 1], expected [3, 3]"));
    CHECK_THAT(error_of_convolution([](TestNode node) {
                   node.with("strides", Integers{0, 1});
               }),
               contains_text("attribute 'strides': found [0, 1], expected numbers from 1 to 65536"));
    CHECK_THAT(error_of_convolution([](TestNode node) { node.with("strides", Integers{2}); }),
               contains_text("expected 2 numbers"));
    CHECK_THAT(error_of_convolution([](TestNode node) { node.with("strides", 2); }),
               contains_text("attribute 'strides' has the wrong type: found INT, expected INTS"));
    CHECK_THAT(error_of_convolution([](TestNode node) {
                   node.with("pads", Integers{0, -1, 0, 0});
               }),
               contains_text("attribute 'pads': found [0, -1, 0, 0]"));
    CHECK_THAT(error_of_convolution([](TestNode node) { node.with_word("auto_pad", "SAME_UPER"); }),
               contains_text("did you mean 'SAME_UPPER'?"));
    CHECK_THAT(error_of_convolution([](TestNode node) {
                   node.with_word("auto_pad", "SAME_UPPER").with("pads", Integers{1, 1, 1, 1});
               }),
               contains_text("contradict each other: found 'SAME_UPPER' and [1, 1, 1, 1]"));
    CHECK_THAT(error_of("Conv", {"image", "image"}), contains_text("weights depend on the image: found 'image'"));
    CHECK_THAT(error_of("Conv", {"image"}), contains_text("wrong number of inputs: found 1, expected 2 to 3"));
    CHECK_THAT(error_of("Conv", {"image", "w", "b"},
                        [](TestModel& model, const TestNode&) {
                            model.weights("w", {6, 4, 3, 3});
                            model.weights("b", {5});
                        }),
               contains_text("its biases do not fit its weights: found [5], expected [6]"));
}

TEST_CASE("A pool that the engine has no word for is refused") {
    const auto error_of_pool = [](const std::string& operation, const std::function<void(TestNode)>& change) {
        return error_of(operation, {"image"}, [&](TestModel&, TestNode node) {
            node.with("kernel_shape", Integers{3, 3}).with("strides", Integers{2, 2});
            change(node);
        });
    };
    CHECK(error_of_pool("AveragePool", [](const TestNode&) {}) == "no error");
    CHECK_THAT(
        error_of_pool("AveragePool",
                      [](TestNode node) {
                          node.with("pads", Integers{1, 1, 1, 1});
                      }),
        contains_text("the average leaves the padding out: found attribute 'count_include_pad' of 0, expected 1"));
    CHECK(error_of_pool("AveragePool", [](TestNode node) {
              node.with("pads", Integers{1, 1, 1, 1}).with("count_include_pad", 1);
          }) == "no error");
    CHECK_THAT(error_of_pool("AveragePool", [](TestNode node) { node.with("ceil_mode", 1); }),
               contains_text("the last average is over a part of the window"));
    CHECK(error_of_pool("MaxPool", [](TestNode node) { node.with("ceil_mode", 1); }) == "no error");
    CHECK_THAT(error_of_pool("MaxPool",
                             [](TestNode node) {
                                 node.with("dilations", Integers{1, 2});
                             }),
               contains_text("dilated windows"));
    CHECK_THAT(error_of_pool("MaxPool",
                             [](TestNode node) {
                                 node.with("pads", Integers{3, 3, 3, 3});
                             }),
               contains_text("padding 3, 3, 3, 3 is not smaller than the kernel 3x3"));
    CHECK_THAT(error_of("MaxPool", {"image"}), contains_text("attribute 'kernel_shape' is missing"));
    TestModel indices;
    indices.node("MaxPool", {"image"}, "largest").with("kernel_shape", Integers{3, 3}).message().add_output("places");
    indices.node("Relu", {"places"});
    CHECK_THAT(indices.error(), contains_text("output 1 has no layer and is read: found 'places'"));
}

TEST_CASE("The window of ceil_mode is that of PyTorch") {
    // 8 wide, kernel 3, stride 2: 3 windows fit, ceil_mode has a fourth; kernel 2, stride 3, padding 1: the window that
    // would start in the padding behind the image is left out.
    TestModel model;
    model.node("MaxPool", {"image"}, "p")
        .with("kernel_shape", Integers{3, 3})
        .with("strides", Integers{2, 2})
        .with("ceil_mode", 1);
    model.node("MaxPool", {"p"})
        .with("kernel_shape", Integers{2, 2})
        .with("strides", Integers{3, 3})
        .with("pads", Integers{1, 1, 1, 1})
        .with("ceil_mode", 1);
    const arch::Network network = model.read();
    CHECK(arch::to_text(network.layer(1).output) == "4x4x4");
    CHECK(network.layer(1).window.pad_bottom == 1);
    // torch.nn.MaxPool2d(2, 3, 1, ceil_mode=True) over 4x4 gives 2x2.
    CHECK(arch::to_text(network.layer(2).output) == "4x2x2");
    CHECK(network.layer(2).window.pad_right == 1);
}

TEST_CASE("Activations without a secure form are refused") {
    CHECK_THAT(error_of("Mul", {"image", "s"}, [](TestModel& model, const TestNode&) { model.number("s", 2); }),
               contains_text("multiplies two tensors: found 'image' and 's'"));
    CHECK_THAT(error_of("Pow", {"image", "e"}, [](TestModel& model, const TestNode&) { model.number("e", 3); }),
               contains_text("the power has no secure form: found exponent 3"));
    CHECK_THAT(error_of("Pow", {"image", "e"}, [](TestModel& model, const TestNode&) { model.weights("e", {}); }),
               contains_text("found exponent a tensor of []"));
    const auto error_of_clip = [](float least, float most) {
        return error_of("Clip", {"image"},
                        [&](TestModel&, TestNode node) { node.with_number("min", least).with_number("max", most); });
    };
    CHECK_THAT(error_of_clip(0, 6),
               contains_text("the activation has no secure form: found limits 0.000000 and 6.000000, "
                             "expected 0 and no upper limit, which is a ReLU"));
    CHECK_THAT(error_of_clip(-1, std::numeric_limits<float>::max()),
               contains_text("found limits -1.000000 and no limit"));
    CHECK(error_of_clip(0, std::numeric_limits<float>::max()) == "no error");
}

TEST_CASE("A layer behind a softmax is refused") {
    TestModel model;
    model.node("Softmax", {"image"}, "p");
    model.node("Relu", {"p"});
    CHECK_THAT(model.error(), contains_text("reads the output of a softmax: found node 'the_Softmax' (Softmax)"));
}

TEST_CASE("Sums and concatenations that the engine has no word for are refused") {
    CHECK_THAT(error_of("Add", {"image", "c"},
                        [](TestModel& model, const TestNode&) {
                            model.weights("c", {1, 4, 1, 1});
                        }),
               contains_text("adds a constant: found [1, 4, 1, 1]"));
    TestModel broadcast;
    broadcast.node("GlobalMaxPool", {"image"}, "g");
    broadcast.node("Add", {"image", "g"});
    CHECK_THAT(broadcast.error(), contains_text("its inputs differ: found [1, 4, 8, 8] and [1, 4, 1, 1]"));
    CHECK_THAT(error_of("Concat", {"image", "image"}, [](TestModel&, TestNode node) { node.with("axis", 2); }),
               contains_text("joins along axis 2: expected axis 1"));
    CHECK_THAT(error_of("Concat", {"image", "image"}, [](TestModel&, TestNode node) { node.with("axis", 4); }),
               contains_text("axis or index out of range: found 4, expected -4 to 3"));
    // Biases that something else reads too, or of the wrong size, are constants like others.
    TestModel shared({1, 4, 1, 1});
    shared.weights("w", {4, 4, 1, 1});
    shared.weights("b", {4, 1, 1});
    shared.node("Conv", {"image", "w"}, "c");
    shared.node("Add", {"c", "b"}, "d");
    shared.node("Add", {"c", "d"});
    CHECK_THAT(shared.error(), contains_text("adds a constant: found [4, 1, 1]"));
}

TEST_CASE("A fully connected layer reads a vector of the right size") {
    CHECK_THAT(error_of("Gemm", {"image", "w"},
                        [](TestModel& model, const TestNode&) {
                            model.weights("w", {256, 10});
                        }),
               contains_text("its input is not a vector: found [1, 4, 8, 8]"));
    const auto error_of_product = [](const Integers& weights, const std::function<void(TestNode)>& change) {
        TestModel model;
        model.weights("w", weights);
        model.node("Flatten", {"image"}, "v");
        change(model.node("Gemm", {"v", "w"}));
        return model.error();
    };
    CHECK(error_of_product({256, 10}, [](const TestNode&) {}) == "no error");
    CHECK(error_of_product({10, 256}, [](TestNode node) { node.with("transB", 1); }) == "no error");
    CHECK_THAT(error_of_product({10, 256}, [](const TestNode&) {}),
               contains_text("its weights do not fit its input: found [10, 256], expected a matrix for 256 features"));
    CHECK_THAT(error_of_product({256, 10}, [](TestNode node) { node.with("transA", 1); }),
               contains_text("transposes its input"));
    CHECK_THAT(error_of_product({256, 10}, [](TestNode node) { node.with("transB", 2); }),
               contains_text("attribute 'transB': found 2, expected 0 or 1"));
}

TEST_CASE("Arrangements that are no vector and no image are refused") {
    const auto error_of_shape = [](const Integers& shape) {
        return error_of("Reshape", {"image", "s"},
                        [&](TestModel& model, const TestNode&) { model.integers("s", shape); });
    };
    CHECK(error_of_shape({0, -1}) == "no error");
    CHECK(error_of_shape({1, 256}) == "no error");
    CHECK(error_of_shape({-1, 4, 8, 8}) == "no error");
    CHECK_THAT(error_of_shape({1, 8, 4, 8}), contains_text("rearranges an image: found [1, 4, 8, 8] to [1, 8, 4, 8]"));
    CHECK_THAT(error_of_shape({1, 255}), contains_text("the shape does not fit: found [1, 255]"));
    CHECK_THAT(error_of_shape({-1, -1}), contains_text("the shape does not fit: found [-1, -1]"));
    CHECK_THAT(error_of_shape({1, 4, 8, 8, 0}), contains_text("the shape does not fit"));
    CHECK_THAT(error_of_shape({std::int64_t{1} << 62, std::int64_t{1} << 62}), contains_text("the shape does not fit"));
    CHECK_THAT(error_of("Reshape", {"image", "s"},
                        [](TestModel& model, const TestNode&) {
                            ::onnx::TensorProto& shape = model.weights("s", {2});
                            shape.set_data_type(::onnx::TensorProto::INT64);
                            shape.set_data_location(::onnx::TensorProto::EXTERNAL);
                        }),
               contains_text("shape is not known: found values in an external file, expected integers"));
    CHECK_THAT(error_of("Transpose", {"image"},
                        [](TestModel&, TestNode node) {
                            node.with("perm", Integers{0, 1, 3, 2});
                        }),
               contains_text("rearranges the image: attribute 'perm' for [1, 4, 8, 8]: found [0, 1, 3, 2]"));
    CHECK_THAT(error_of("Squeeze", {"image"}, [](TestModel&, TestNode node) { node.with("axes", Integers{1}); }),
               contains_text("squeezes axis 1 of [1, 4, 8, 8]: found 4, expected 1"));
    CHECK_THAT(error_of("ReduceMean", {"image"},
                        [](TestModel&, TestNode node) {
                            node.with("axes", Integers{1, 2});
                        }),
               contains_text("than an image's height and width: found [1, 2], expected both: [2, 3]"));
    CHECK_THAT(error_of("Flatten", {"image"}, [](TestModel&, TestNode node) { node.with("axis", 2); }),
               contains_text("does not make a vector: attribute 'axis' for [1, 4, 8, 8]: found 2"));
    TestModel channels_last({1, 8, 8, 4});
    channels_last.node("Transpose", {"image"}, "i").with("perm", Integers{0, 3, 1, 2});
    channels_last.node("Transpose", {"i"}, "l").with("perm", Integers{0, 2, 3, 1});
    channels_last.node("GlobalAveragePool", {"l"});
    CHECK_THAT(channels_last.error(), contains_text("the channels of its input come last: found [1, 8, 8, 4]"));
}

TEST_CASE("A padding other than zeros around the image is refused") {
    const auto error_of_pad = [](const std::function<void(TestNode)>& change) {
        return error_of("Pad", {"image"}, [&](TestModel&, TestNode node) { change(node); });
    };
    CHECK(error_of_pad([](TestNode node) { node.with("pads", Integers{0, 0, 1, 2, 0, 0, 3, 4}); }) == "no error");
    CHECK_THAT(error_of_pad([](TestNode node) {
                   node.with("pads", Integers{0, 1, 0, 0, 0, 0, 0, 0});
               }),
               contains_text("pads batch or channels"));
    CHECK_THAT(error_of_pad([](TestNode node) {
                   node.with("pads", Integers{0, 0, -1, 0, 0, 0, 0, 0});
               }),
               contains_text("expected numbers from 0"));
    CHECK_THAT(error_of_pad([](TestNode node) {
                   node.with("pads", Integers{1, 1});
               }),
               contains_text("wrong number of paddings: found [1, 1], expected 8 numbers"));
    CHECK_THAT(error_of_pad([](TestNode node) {
                   node.with("pads", Integers{0, 0, 1, 1, 0, 0, 1, 1}).with_number("value", 1);
               }),
               contains_text("pads with another value than 0: found 1.000000"));
    CHECK_THAT(error_of_pad([](TestNode node) { node.with_word("mode", "reflect"); }),
               contains_text("attribute 'mode': found 'reflect', expected 'constant'"));
    CHECK_THAT(error_of_pad([](const TestNode&) {}), contains_text("paddings are left out"));
}

TEST_CASE("Constants that a structure depends on are computed or refused") {
    // ConstantOfShape, Slice backwards and Cast, as exporters compute paddings.
    TestModel model;
    model.integers("four", {4});
    model.integers("sides", {1, 2, 3, 4});
    model.integers("minus_one", {-1});
    model.integers("far", {-9223372036854775807});
    model.integers("axis", {0});
    model.node("ConstantOfShape", {"four"}, "zeros_as_numbers");
    model.node("Slice", {"sides", "minus_one", "far", "axis", "minus_one"}, "backwards");
    model.node("Concat", {"backwards", "sides"}, "pads").with("axis", 0);
    model.node("Pad", {"image", "pads"});
    CHECK_THAT(model.error(), contains_text("pads batch or channels: found [4, 3, 2, 1, 1, 2, 3, 4]"));

    TestModel numbers;
    numbers.integers("four", {4});
    numbers.node("ConstantOfShape", {"four"}, "s");
    numbers.node("Reshape", {"image", "s"});
    CHECK_THAT(numbers.error(), contains_text("shape is not known: found a tensor of [4]"));

    TestModel gather;
    gather.integers("list", {1, 256});
    gather.integers("three", {3});
    gather.node("Gather", {"list", "three"}, "s");
    gather.node("Reshape", {"image", "s"});
    CHECK_THAT(gather.error(), contains_text("axis or index out of range: found 3, expected -2 to 1"));
}

TEST_CASE("A long name and one that is not printable leave their layer a name") {
    TestModel model;
    model.node("Relu", {"image"}, "a").message().set_name(std::string("\n\xff", 2));
    model.node("Relu", {"a"}, "b").message().set_name("twice");
    model.node("Relu", {"b"}, "c").message().set_name("twice");
    model.node("Relu", {"c"}, "\x01").message().set_name(std::string(5000, 'x'));
    model.node("Relu", {"\x01"}).message().set_name("image");
    const arch::Network network = model.read();
    std::vector<std::string> names;
    for (arch::LayerIndex index = 0; index < network.size(); ++index) {
        names.emplace_back(network.layer_name(index));
    }
    CHECK(names == std::vector<std::string>{"image", "a", "twice", "c", "Relu_3", "scores"});
}
