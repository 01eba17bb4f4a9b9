// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "tools/nas-run/aligned_table.hpp"
#include "tools/nas-run/run_page/sections.hpp"
#include "tools/picture/panel.hpp"

namespace sotto::tools {
namespace {

using picture::Markup;
using picture::Panel;
using search::Finalist;

constexpr double picture_width = 510;
constexpr double panel_height = 260;
constexpr double margin = 14;
constexpr std::size_t longest_label = 36;

// The networks of both pictures and how each is drawn.
class FinalistsPictures {
  public:
    FinalistsPictures(Markup& html, const PageContent& content, std::size_t count)
        : html_(html),
          content_(content),
          configuration_(content.report().configuration),
          result_(*content.report().halving),
          shown_(std::span(result_.finalists).first(count)),
          begun_(result_.computed.size()) {
        if (const auto latency = search::latency_metric(content.report().metrics, configuration_.objectives)) {
            latency_ = displayed_metric(content.report().metrics, *latency);
        }
    }

    void add() {
        const bool is_course = begun_ > 1 && rank_by_one_metric();
        if (!has_scores() || !(is_course || latency_)) {
            return;
        }
        html_.add("p", {{"class", "soft"}},
                  begun_ > 1 ? "Blue: networks that reached the last stage. Grey: those that a stage before it left "
                               "behind, at the last score that they had."
                             : "Each circle is a network, at the score that the stage gave it.");
        const auto pictures = html_.open("div", {{"class", "pictures"}});
        if (is_course) {
            add_course();
        }
        if (latency_) {
            add_beside_latency();
        }
    }

  private:
    struct Point {
        double across = 0;
        double up = 0;
    };

    const search::HalvingStage& stage(std::size_t number) const { return configuration_.stages[number]; }

    bool rank_by_one_metric() const {
        return std::ranges::all_of(std::span(configuration_.stages).first(begun_),
                                   [&](const search::HalvingStage& other) { return other.by == stage(0).by; });
    }

    // What the stage ranks by; NaN where the network has no such score.
    double score(const Finalist& finalist, std::size_t number) const {
        const std::vector<double>& values = finalist.scores[number].metrics;
        return values.empty() ? std::numeric_limits<double>::quiet_NaN()
                              : values[*find_metric(stage(number).metrics, stage(number).by)];
    }

    bool reached_the_last(const Finalist& finalist) const { return finalist.scores.size() == begun_; }

    // Scores by stage, from 1, without those that are missing.
    std::vector<Point> course(const Finalist& finalist) const {
        std::vector<Point> points;
        for (std::size_t number = 0; number < finalist.scores.size(); ++number) {
            const double value = score(finalist, number);
            if (std::isfinite(value)) {
                points.push_back({static_cast<double>(number + 1), value});
            }
        }
        return points;
    }

    // The latency and the last score; nothing where it has no score, or one by another metric than the last stage's.
    std::vector<Point> beside_latency(const Finalist& finalist) const {
        for (std::size_t number = finalist.scores.size(); number-- > 0;) {
            const double value = score(finalist, number);
            if (std::isfinite(value)) {
                return stage(number).by == stage(begun_ - 1).by
                           ? std::vector{Point{latency_->of(finalist.member), value}}
                           : std::vector<Point>{};
            }
        }
        return {};
    }

    bool has_scores() const {
        const auto has_score = [&](const Finalist& finalist) { return !course(finalist).empty(); };
        return std::ranges::any_of(shown_, has_score) || (result_.baseline && has_score(*result_.baseline));
    }

    std::string tooltip(const Finalist& finalist, std::size_t rank) const {
        std::string text = "rank " + std::to_string(rank) + ", candidate " + std::to_string(finalist.member.id);
        for (const Point& point : course(finalist)) {
            text += "\nstage " + std::to_string(static_cast<int>(point.across)) + ": " + significant(point.up);
        }
        if (latency_) {
            text += "\n" + latency_->name + ' ' + significant(latency_->of(finalist.member)) + ' ' + latency_->unit;
        }
        return text;
    }

    // A panel that holds all points.
    template <typename PointsOf>
    Panel panel_of(const PointsOf& points_of) const {
        Panel panel = picture::lone_panel(picture_width, panel_height, margin);
        const auto include = [&](const Finalist& finalist) {
            for (const Point& point : points_of(finalist)) {
                panel.across.include(point.across);
                panel.up.include(point.up);
            }
        };
        std::ranges::for_each(shown_, include);
        if (result_.baseline) {
            include(*result_.baseline);
        }
        return panel;
    }

    static std::string path_of(const Panel& panel, const std::vector<Point>& points) {
        std::string path;
        for (const Point& point : points) {
            path += (path.empty() ? 'M' : 'L') + panel.at(point.across, point.up);
        }
        return path;
    }

    // Those left behind before the others, so that no mark of theirs lies on these; the baseline's name above all
    // lines.
    template <typename PointsOf>
    void draw_all(const Panel& panel, const PointsOf& points_of) {
        const std::vector<Point> baseline = result_.baseline ? points_of(*result_.baseline) : std::vector<Point>{};
        if (baseline.size() > 1) {
            html_.add_empty("path", {{"class", "baseline"}, {"d", path_of(panel, baseline)}});
        }
        for (const bool last : {false, true}) {
            for (std::size_t i = shown_.size(); i-- > 0;) {
                if (reached_the_last(shown_[i]) == last) {
                    draw(panel, i, points_of(shown_[i]));
                }
            }
        }
        if (!baseline.empty()) {
            picture::add_baseline(html_, panel, baseline.back().across, baseline.back().up);
        }
    }

    void draw(const Panel& panel, std::size_t index, const std::vector<Point>& points) {
        const Finalist& finalist = shown_[index];
        const bool last = reached_the_last(finalist);
        const ShownMember* member = find_member(content_, finalist.member.id);
        if (points.size() > 1) {
            html_.add_empty("path", {{"class", last ? "curve" : "dropped"},
                                     {"data-member", member == nullptr ? std::string() : std::to_string(member->row)},
                                     {"d", path_of(panel, points)}});
        }
        if (!points.empty()) {
            add_circle(html_, member, last ? "member" : "dropped", panel.x(points.back().across),
                       panel.y(points.back().up), last ? "4" : "3", tooltip(finalist, index + 1));
        }
    }

    std::string score_title() const { return picture::shortened(stage(begun_ - 1).by, longest_label); }

    void add_course() {
        const auto points_of = [&](const Finalist& finalist) { return course(finalist); };
        Panel panel = panel_of(points_of);
        panel.across.include(1);
        panel.across.include(static_cast<double>(begun_));
        panel.across.keep_to_whole_numbers();
        add_picture(panel, "scores of the finalists by stage", "stage", points_of);
    }

    void add_beside_latency() {
        const auto points_of = [&](const Finalist& finalist) { return beside_latency(finalist); };
        Panel panel = panel_of(points_of);
        panel.across.choose_scale();
        add_picture(panel, "scores of the finalists beside their latency", latency_->title(), points_of);
    }

    template <typename PointsOf>
    void add_picture(Panel& panel, const std::string& label, const std::string& across, const PointsOf& points_of) {
        panel.across.widen();
        panel.up.widen();
        const auto svg =
            picture::open_picture(html_, picture_width, panel.bottom() + Panel::room_below + margin, label);
        picture::add_frame(html_, panel, {}, across, score_title());
        draw_all(panel, points_of);
    }

    Markup& html_;
    const PageContent& content_;
    const search::RunConfiguration& configuration_;
    const search::HalvingResult& result_;
    std::span<const Finalist> shown_;
    std::size_t begun_;
    std::optional<DisplayedMetric> latency_;
};

}  // namespace

void add_finalists_pictures(Markup& html, const PageContent& content, std::size_t count) {
    FinalistsPictures(html, content, count).add();
}

}  // namespace sotto::tools
