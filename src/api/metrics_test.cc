#include "api/metrics.h"

#include <gmock/gmock.h>

#include "api/model_json.h"
#include "api/test_model_resources.h"

namespace orchestra {
namespace {

using testing::HasSubstr;
using testing::Not;

class ReadmeMetrics : public ModelResources {
 protected:
  std::string text(std::size_t most = kMostModels) { return readme_metrics(metrics_, ModelWriter(scene_), most); }
  void answered(const std::string& model, std::uint64_t count) {
    metrics_.counter("orchestra_requests_total", "", {{"model", model}, {"outcome", "answered"}}).add(count);
  }
  void classified(const std::string& model, const std::string& type, std::uint64_t count) {
    metrics_.counter("orchestra_classified_requests_total", "", {{"model", model}, {"query_type", type}}).add(count);
  }
  void selected(const std::string& model, const std::string& type, const std::string& complexity, std::uint64_t count) {
    metrics_
        .counter("orchestra_selections_total", "", {{"model", model}, {"query_type", type}, {"complexity", complexity}})
        .add(count);
  }

  Metrics metrics_;
};

TEST_F(ReadmeMetrics, SayNothingBeforeTheFirstRequest) {
  metrics_.histogram("orchestra_request_seconds", "", {{"model", "openai/gpt-9"}});
  answered("none", 5);
  EXPECT_EQ(text(), "");
}

TEST_F(ReadmeMetrics, UsageIsByKindAndWhatTheCallerChoseIsUnclassified) {
  answered("openai/gpt-9", 10);
  metrics_.counter("orchestra_requests_total", "", {{"model", "openai/gpt-9"}, {"outcome", "failed"}}).add(2);
  classified("openai/gpt-9", "technical", 4);
  const std::string shown = text();
  EXPECT_THAT(shown, HasSubstr("# TYPE sarvanom_model_usage_total counter\n"));
  EXPECT_THAT(shown, HasSubstr("sarvanom_model_usage_total{model_id=\"openai/gpt-9\",provider=\"openai\","
                               "query_type=\"technical\"} 4\n"));
  EXPECT_THAT(shown, HasSubstr("query_type=\"unclassified\"} 8\n"));
}

TEST_F(ReadmeMetrics, TimesAndCostsAreOurOwnOnesUnderOtherNames) {
  answered("openai/gpt-9", 1);
  metrics_.histogram("orchestra_request_seconds", "", {{"model", "openai/gpt-9"}}).observe(Millis(2));
  metrics_.counter("orchestra_cost_micro_usd_total", "", {{"model", "openai/gpt-9"}}).add(2500);
  const std::string shown = text();
  EXPECT_THAT(shown, HasSubstr("sarvanom_model_response_time_seconds_bucket{model_id=\"openai/gpt-9\","
                               "provider=\"openai\",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(shown, HasSubstr("sarvanom_model_response_time_seconds_sum{model_id=\"openai/gpt-9\","
                               "provider=\"openai\"} 0.002\n"));
  EXPECT_THAT(shown,
              HasSubstr("sarvanom_model_cost_usd_total{model_id=\"openai/gpt-9\",provider=\"openai\"} 0.0025\n"));
}

TEST_F(ReadmeMetrics, HealthAndQualityAreAsTheRegistrySays) {
  answered("openai/gpt-9", 1);
  EXPECT_THAT(text(), HasSubstr("sarvanom_model_health_status{model_id=\"openai/gpt-9\",provider=\"openai\"} 1\n"));
  EXPECT_THAT(text(), Not(HasSubstr("sarvanom_model_quality_score")));
  pulse_.closed = false;
  registry_.performance.note({.model = {"openai/gpt-9"}, .quality = 0.5, .weight = 1, .when = clock_.wall()});
  registry_.publish();
  EXPECT_THAT(text(), HasSubstr("sarvanom_model_health_status{model_id=\"openai/gpt-9\",provider=\"openai\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("sarvanom_model_quality_score{model_id=\"openai/gpt-9\",provider=\"openai\"} 0.5\n"));
}

TEST_F(ReadmeMetrics, TheRoutersCountsAreSumsOfTheSelections) {
  selected("openai/gpt-9", "simple", "simple", 3);
  selected("local/tiny", "simple", "simple", 2);
  metrics_.histogram("orchestra_selection_seconds", "", {{"query_type", "simple"}}).observe(Micros(20));
  metrics_.counter("orchestra_fallbacks_total", "", {{"model", "local/tiny"}, {"first", "openai/gpt-9"}}).add(2);
  const std::string shown = text();
  EXPECT_THAT(shown, HasSubstr("sarvanom_router_requests_total{query_type=\"simple\",complexity=\"simple\"} 5\n"));
  EXPECT_THAT(shown, HasSubstr("sarvanom_router_model_usage_total{model_id=\"local/tiny\",query_type=\"simple\","
                               "complexity=\"simple\"} 2\n"));
  EXPECT_THAT(shown, HasSubstr("sarvanom_router_selection_time_seconds_count{query_type=\"simple\"} 1\n"));
  EXPECT_THAT(shown,
              HasSubstr("sarvanom_router_fallback_total{from_model=\"openai/gpt-9\",to_model=\"local/tiny\"} 2\n"));
}

TEST_F(ReadmeMetrics, OfTooManyModelsTheLeastAskedAreOneSeries) {
  answered("openai/gpt-9", 10);
  for (int i = 0; i < 50; ++i) answered("zoo/m" + std::to_string(i), 2);
  const std::string shown = text(1);
  EXPECT_THAT(shown, HasSubstr("{model_id=\"openai/gpt-9\",provider=\"openai\",query_type=\"unclassified\"} 10\n"));
  EXPECT_THAT(shown, HasSubstr("{model_id=\"other\",provider=\"other\",query_type=\"unclassified\"} 100\n"));
  EXPECT_THAT(shown, Not(HasSubstr("zoo")));
}

}  // namespace
}  // namespace orchestra
