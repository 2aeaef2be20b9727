#include "ports/http.h"

namespace orchestra {
namespace {

TEST(HttpFields, FindsWithoutCase) {
  HttpFields fields;
  fields.add("Content-Type", "text/plain");
  fields.add("content-type", "second");
  EXPECT_EQ(fields.find("CONTENT-TYPE"), "text/plain");
  EXPECT_EQ(fields.find("content"), std::nullopt);
}

}  // namespace
}  // namespace orchestra
