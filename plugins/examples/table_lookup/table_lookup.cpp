// SPDX-License-Identifier: Apache-2.0
// table-lookup: an accuracy proxy that knows the accuracy of every network in a table, for spaces whose networks have
// all been trained. A network that is not in it is unsupported; the reason names the key it would have there.
#include <optional>

#include "sotto/plugin.hpp"

#include "network_key.hpp"
#include "table.hpp"

namespace {

using namespace sotto::sdk;

class TableLookup final : public AccuracyProxy {
  public:
    static Declaration declare() {
        Declaration declaration;
        declaration.id = "table-lookup";
        declaration.version = "1.0.0";
        declaration.description = "the accuracy that a table holds for the network";
        declaration.metrics = {
            {"accuracy.table", "1", "value of the table, in its unit; higher is better", SOTTO_DIRECTION_MAXIMIZE, 0}};
        declaration.parameters = {
            Parameter::text("file", "the table (CSV with a column 'network')", "").required(),
            Parameter::text("column", "the column that is looked up", "accuracy"),
        };
        declaration.thread_level = SOTTO_THREADS_SHARED;  // evaluate only reads
        declaration.typical_cost_us = 20;
        return declaration;
    }

    TableLookup(const Arguments& arguments, const Host& host)
        : host_(host),
          file_(arguments.text("file")),
          table_(table_lookup::Table::read(file_, arguments.text("column"))) {}

    void evaluate(const Candidate& candidate, Values metrics) override {
        host_.stop_if_cancelled();
        const std::uint64_t key = table_lookup::network_key(candidate.network());
        const std::optional<double> value = table_.find(key);
        if (!value) {
            throw Unsupported("network " + table_lookup::key_text(key) + " is not in '" + file_ + "'");
        }
        metrics[0] = *value;
    }

  private:
    Host host_;
    std::string file_;
    table_lookup::Table table_;
};

}  // namespace

SOTTO_PLUGIN(TableLookup)
