#include "policy/cost.h"

#include <cstdint>

namespace orchestra {
namespace {

// USD 2.50, 10.00, 1.25, 3.75 per million tokens and so on.
Price full_price() {
  return {.input = MicroUsd(2'500'000),
          .output = MicroUsd(10'000'000),
          .cached_input = MicroUsd(1'250'000),
          .cache_write = MicroUsd(3'750'000),
          .reasoning = MicroUsd(12'000'000),
          .audio_input = MicroUsd(40'000'000),
          .audio_output = MicroUsd(80'000'000)};
}

TEST(Cost, ChargesEachKindOfTokenAtItsOwnPrice) {
  const Usage usage{.input = Tokens(1000),
                    .output = Tokens(500),
                    .cached_input = Tokens(400),
                    .cache_write = Tokens(100),
                    .reasoning = Tokens(200),
                    .audio_input = Tokens(50),
                    .audio_output = Tokens(25),
                    .known = true};
  // 450 * 2.5 + 400 * 1.25 + 100 * 3.75 + 50 * 40 = 4000; 275 * 10 + 200 * 12 + 25 * 80 = 7150
  EXPECT_EQ(cost(usage, full_price()), MicroUsd(11'150));
}

TEST(Cost, RoundsHalfUpOnceAtTheEnd) {
  const Price price{.input = MicroUsd(300'000), .output = MicroUsd(200'000)};
  EXPECT_EQ(cost({.input = Tokens(1), .output = Tokens(1)}, price), MicroUsd(1));  // 0.3 + 0.2 = 0.5
  EXPECT_EQ(cost({.input = Tokens(1)}, price), MicroUsd(0));
  EXPECT_EQ(cost({.input = Tokens(5)}, price), MicroUsd(2));  // 1.5
}

TEST(Cost, IsUnknownWhenAUsedPriceIsUnknown) {
  Price price = full_price();
  price.reasoning.reset();
  EXPECT_EQ(cost({.input = Tokens(10), .output = Tokens(10), .reasoning = Tokens(1)}, price), std::nullopt);
  EXPECT_EQ(cost({.input = Tokens(10), .output = Tokens(10)}, price), MicroUsd(125)) << "unused prices do not matter";
  EXPECT_EQ(cost({.input = Tokens(1)}, {}), std::nullopt);
  EXPECT_EQ(cost({}, {}), MicroUsd(0));
}

TEST(Cost, SurvivesCountsThatMakeNoSense) {
  EXPECT_EQ(cost({.input = Tokens(10), .cached_input = Tokens(30)}, full_price()), MicroUsd(38))
      << "only the cached part";
  EXPECT_EQ(cost({.input = Tokens(-5), .output = Tokens(INT64_MIN)}, full_price()), MicroUsd(0));
  EXPECT_EQ(cost({.input = Tokens(INT64_MAX), .output = Tokens(INT64_MAX)}, full_price()), MicroUsd(INT64_MAX));
  EXPECT_EQ(cost({.input = Tokens(INT64_MAX), .cached_input = Tokens(INT64_MIN)}, full_price()), MicroUsd(INT64_MAX));
}

TEST(Reservation, IsNeverBelowTheCost) {
  const auto price = full_price();
  const auto most = reservation(Tokens(1000), Tokens(500), price);
  ASSERT_TRUE(most.has_value());
  EXPECT_EQ(most, MicroUsd(1000 * 40 + 500 * 80));
  for (std::int64_t part = 0; part <= 500; part += 50) {
    const Usage usage{.input = Tokens(1000),
                      .output = Tokens(500),
                      .cached_input = Tokens(part),
                      .cache_write = Tokens(500 - part),
                      .reasoning = Tokens(part),
                      .audio_output = Tokens(500 - part)};
    EXPECT_LE(*cost(usage, price), *most);
  }
}

TEST(Reservation, RoundsUpAndKnowsWhatItDoesNotKnow) {
  EXPECT_EQ(reservation(Tokens(1), Tokens(0), {.input = MicroUsd(100'000)}), MicroUsd(1));
  EXPECT_EQ(reservation(Tokens(1), Tokens(1), {.input = MicroUsd(100'000)}), std::nullopt);
  EXPECT_EQ(reservation(Tokens(1), Tokens(0), {}), std::nullopt);
}

}  // namespace
}  // namespace orchestra
