#include "api/model_status.h"

#include "api/test_model_resources.h"
#include "ports/fake_store.h"

namespace orchestra {
namespace {

class ModelStatus : public ModelResources {
 protected:
  ModelStatus() { add_model_status_routes(router_, scene_, store_); }

  // What stands of a model, and how its quality is called.
  json::value row(std::string_view name) {
    const Answer answer = ask("GET", "/api/v1/ai/models/status");
    EXPECT_EQ(answer.status, 200) << answer.text;
    for (const json::value& model : find(answer.body, "models")->as_array()) {
      if (find_string(model, "model_name") == name) return model;
    }
    return nullptr;
  }
  void claim(double quality) {
    auto card = std::make_shared<ModelCard>();
    card->claimed.quality = quality;
    registry_.parts.known = {{.providers = {"openai"}, .pattern = "*", .card = card}};
    registry_.publish();
  }
  void measure(double quality) {
    registry_.performance.note({.model = {"openai/gpt-9"}, .quality = quality, .weight = 0.5, .when = clock_.wall()});
    registry_.publish();
  }

  FakeStore store_;
};

TEST_F(ModelStatus, TheTierIsOfTheClaimWhateverIsMeasured) {
  claim(0.93);
  measure(0.2);
  EXPECT_EQ(find_string(row("openai/gpt-9"), "quality_tier"), "exceptional");
}

TEST_F(ModelStatus, WhereNothingIsClaimedTheTierIsOfWhatIsMeasured) {
  EXPECT_TRUE(find(row("openai/gpt-9"), "quality_tier")->is_null());
  measure(0.8);
  EXPECT_EQ(find_string(row("openai/gpt-9"), "quality_tier"), "very_good");
}

TEST_F(ModelStatus, RequestsAreCountedByOutcome) {
  const auto book = [&](Outcome outcome) {
    store_.book({.opened = {.at = clock_.wall()}, .settled = {.outcome = outcome, .model = {"openai/gpt-9"}}});
  };
  for (const Outcome outcome : {Outcome::kAnswered, Outcome::kAnswered, Outcome::kFailed, Outcome::kAbandoned}) {
    book(outcome);
  }
  const json::value model = row("openai/gpt-9");
  EXPECT_EQ(find_number(model, "request_count"), 4);
  EXPECT_EQ(find_number(model, "success_count"), 2);
  EXPECT_EQ(find_number(model, "error_count"), 1);
  EXPECT_EQ(find_number(row("local/tiny"), "request_count"), 0);
}

}  // namespace
}  // namespace orchestra
