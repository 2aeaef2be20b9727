#include "net/host_guard.h"

#include <gtest/gtest.h>

namespace orchestra::net {
namespace {

TEST(HostGuard, LoopbackAnswersToItsOwnNamesOnly) {
  const HostGuard guard(true, {"ai.example", "fd00::1", "[fd00::2]"}, {});
  for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.0.0.2", "[::1]:8080", "ai.example:443",
                           "localhost.:80", "ai.example.", "[fd00::1]:443", "[FD00::2]", ""}) {
    EXPECT_FALSE(guard.refuse(host, "")) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]",
                           "localhost..", ".", "[fd00::3]"}) {
    EXPECT_TRUE(guard.refuse(host, "")) << host;
  }
}

TEST(HostGuard, ForeignPagesMayNotCall) {
  const HostGuard guard(true, {"ai.example"}, {"https://app.example"});
  EXPECT_FALSE(guard.refuse("localhost:8080", "http://localhost:8080"));
  EXPECT_FALSE(guard.refuse("localhost:8080", "https://app.example"));
  EXPECT_FALSE(guard.refuse("localhost:8080", "https://ai.example"));
  EXPECT_TRUE(guard.refuse("localhost:8080", "http://localhost:3000"));
  EXPECT_TRUE(guard.refuse("localhost:8080", "https://evil.example"));
  EXPECT_TRUE(guard.refuse("localhost:8080", "null"));
  EXPECT_TRUE(guard.shares_with("https://APP.example"));
  EXPECT_FALSE(guard.shares_with("https://ai.example"));
}

TEST(HostGuard, StarAllowsAll) {
  EXPECT_FALSE(HostGuard(true, {"*"}, {}).refuse("evil.example", ""));
  EXPECT_TRUE(HostGuard(true, {"*"}, {}).refuse("a", "http://b"));
  EXPECT_FALSE(HostGuard(true, {}, {"*"}).refuse("localhost", "http://b"));
}

TEST(HostGuard, OtherAddressesAreGuardedByKeys) {
  EXPECT_FALSE(HostGuard(false, {}, {}).refuse("anything", "http://elsewhere"));
  EXPECT_FALSE(HostGuard(false, {"*"}, {}).refuse("anything", "http://elsewhere"));
}

TEST(HostGuard, AListOfHostsHoldsOnEveryAddress) {
  const HostGuard guard(false, {"ai.example"}, {});
  for (const char* host : {"ai.example", "AI.example:8080", "localhost:8080", "127.0.0.1", ""}) {
    EXPECT_FALSE(guard.refuse(host, "http://elsewhere")) << host;
  }
  for (const char* host : {"evil.example", "10.0.0.1:8080"}) EXPECT_TRUE(guard.refuse(host, "")) << host;
}

}  // namespace
}  // namespace orchestra::net
