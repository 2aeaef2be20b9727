#include "app/outcome_poster.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

namespace orchestra::app {
namespace {

class OutcomePosterTest : public testing::Test {
 protected:
  OutcomePoster poster(OutcomePoster::Options options) {
    return {loop_.get_executor(), [this](const Told& told) { sizes_.push_back(told.size()); }, options};
  }
  boost::asio::io_context loop_{1};
  std::vector<std::size_t> sizes_;
};

TEST_F(OutcomePosterTest, SendsWhatCameInAWhile) {
  OutcomePoster one = poster({.batch = 100, .wait = Micros(1)});
  one.note({});
  one.note({});
  EXPECT_THAT(sizes_, testing::IsEmpty());
  loop_.run();
  EXPECT_THAT(sizes_, testing::ElementsAre(2));
  one.note({});
  loop_.restart();
  loop_.run();
  EXPECT_THAT(sizes_, testing::ElementsAre(2, 1));
}

TEST_F(OutcomePosterTest, SendsAFullBatchAtOnce) {
  OutcomePoster one = poster({.batch = 3, .wait = std::chrono::hours(1)});
  for (int i = 0; i < 7; ++i) one.note({});
  EXPECT_THAT(sizes_, testing::ElementsAre(3, 3));
  one.flush();
  EXPECT_THAT(sizes_, testing::ElementsAre(3, 3, 1));
  one.flush();
  EXPECT_THAT(sizes_, testing::ElementsAre(3, 3, 1));
}

TEST_F(OutcomePosterTest, EverySortOfNewsCountsIntoABatch) {
  OutcomePoster one = poster({.batch = 4, .wait = std::chrono::hours(1)});
  one.note({});
  one.keep({});
  one.ended({});
  one.amend({});
  EXPECT_THAT(sizes_, testing::ElementsAre(4));
}

}  // namespace
}  // namespace orchestra::app
