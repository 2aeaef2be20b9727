// Cloud while local loads, on the line.
#include "gateway/test_gateway.h"

namespace orchestra {
namespace {

class LoadingTest : public GatewayTest {
 protected:
  LoadingTest() {
    options_.select.cloud_while_loading = Millis(1);
    begin_load_ = [this](const ModelId& model) { begun_.push_back(model.text); };
    start();
    gateway_->set_catalogue(with_local_a());
    call_ = call_for("chain");
    call_.demand = Demand{.strategy = "sticky", .session = 42};
  }

  // "a/m" is a model of this machine.
  static CataloguePtr with_local_a() {
    auto catalogue = std::make_shared<Catalogue>(*three_models());
    catalogue->models.front().local = true;
    return catalogue;
  }
  void set_state(WorkerState state) {
    auto fleet = std::make_shared<FleetView>();
    fleet->workers.push_back({.model = ModelId{"a/m"}, .state = state, .slots = 1});
    gateway_->set_fleet(fleet);
  }
  std::string first(const Call& call) { return gateway_->decide(call).decision->plan.order.front().model.text; }

  std::vector<std::string> begun_;
  Call call_;
};

TEST_F(LoadingTest, TheLoadBeginsAndAnotherModelAnswers) {
  EXPECT_TRUE(serve(call_));
  EXPECT_EQ(settled().model.text, "b/m");
  EXPECT_EQ(begun_, std::vector<std::string>{"a/m"});
}

TEST_F(LoadingTest, ToDecideBeginsNothing) {
  EXPECT_EQ(first(call_), "b/m");
  EXPECT_TRUE(begun_.empty());
}

TEST_F(LoadingTest, TheSessionMovesOverOnceTheModelIsReady) {
  EXPECT_TRUE(serve(call_));
  Call open = call_for("auto");
  open.demand = call_.demand;
  set_state(WorkerState::kLoading);
  EXPECT_EQ(gateway_->decide(open).decision->loading, ModelId{"a/m"});
  EXPECT_NE(first(open), "a/m");
  set_state(WorkerState::kReady);
  EXPECT_EQ(first(open), "a/m");
  EXPECT_EQ(gateway_->decide(open).decision->loading, std::nullopt);
}

TEST_F(LoadingTest, WhereTheOtherFailsTheLoadIsWaitedFor) {
  providers_["b"].answers = {{.refuses = error_of(Fault::kUnavailable)}};
  EXPECT_TRUE(serve(call_));
  EXPECT_EQ(settled().model.text, "a/m");
}

}  // namespace
}  // namespace orchestra
