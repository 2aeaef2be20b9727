#include "api/figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace orchestra {
namespace {

TEST(Figures, AreWrittenWithoutTheNoiseOfBinary) {
  EXPECT_EQ(rounded(0.1 + 0.2), 0.3);
  EXPECT_EQ(rounded(static_cast<double>(0.3F)), 0.3);
  EXPECT_EQ(rounded(1 - 0.98), 0.02);
  EXPECT_EQ(rounded(0.00022650000755675137), 0.0002265);
  EXPECT_EQ(rounded(-1205.1234567), -1205.12);
  EXPECT_EQ(rounded(0), 0);
}

TEST(Figures, LargeOnesAndNoNumbersStay) {
  EXPECT_EQ(rounded(1.5e300), 1.5e300);
  EXPECT_EQ(rounded(std::numeric_limits<double>::infinity()), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(rounded(std::nan(""))));
}

}  // namespace
}  // namespace orchestra
