// A command line with a scripted server and terminal.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "cli/commands.h"
#include "cli/fake_console.h"
#include "ports/fake_http_client.h"

namespace orchestra::cli {

// Lends one FakeHttpClient to every command of a test.
class LentHttpClient final : public HttpClient {
 public:
  explicit LentHttpClient(FakeHttpClient& client) : client_(client) {}
  Task<std::unique_ptr<ClientResponse>> send(const ClientRequest& request) override { return client_.send(request); }

 private:
  FakeHttpClient& client_;
};

class CliTest : public testing::Test {
 protected:
  int run(std::vector<std::string> arguments) {
    console.printed.clear();
    console.complained.clear();
    Session session{.console = console,
                    .variables = variables,
                    .environment = environment ? *environment : variables,
                    .clock = clock,
                    .make_client = [this](auto&) { return std::make_unique<LentHttpClient>(server); },
                    .serve =
                        [this](const settings::LoadOptions& options) {
                          served = options;
                          return serve_code;
                        },
                    .inspectors = inspectors};
    return run_command(std::move(arguments), session);
  }
  json::value printed_json() const {
    const auto parsed = parse_json(console.printed);
    EXPECT_TRUE(parsed) << console.printed;
    return parsed ? *parsed : json::value();
  }

  FakeHttpClient server;
  FakeConsole console;
  FakeClock clock;
  settings::Variables variables;
  std::optional<settings::Variables> environment;  // where `.env` adds to it; else the same
  Inspectors inspectors;
  std::optional<settings::LoadOptions> served;
  int serve_code = 0;
};

}  // namespace orchestra::cli
