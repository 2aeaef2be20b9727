#include <filesystem>
#include <fstream>

#include "base/secret.h"
#include "cli/test_fixture.h"

namespace orchestra::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kSimulation =
    R"({"simulation":{"requests":1200,"replayed":1100,"first_at":"2026-01-01T00:00:00.000Z","last_at":"2026-01-02T09:00:00.000Z",
"limited":true,"skipped":{"undecided":0,"unranked":100},"named":40,"refused":0,"changed":300,
"changes":[{"from":"openai/gpt-4o","to":"openai/gpt-4o-mini","decisions":280},{"from":"openai/gpt-4o","to":null,"decisions":20}],
"other_changes":0,"predicted":{"stored":{"cost_usd":12.5,"cost_known":1100,"latency_s":2.4,"latency_p95_s":6.1,"quality":0.82,"success":0.971},
"simulated":{"cost_usd":8.25,"cost_known":1100,"latency_s":2.1,"latency_p95_s":6.1,"quality":0.79,"success":0.976}},
"measured":{"costs":1000,"cost_usd":13,"predicted_cost_usd":12,"answers":0,"latency_s":null,"predicted_latency_s":null,"outcomes":0,"success":null,"predicted_success":null},
"unknown":{"shortlist":0,"session":0,"chain":0},"notes":["40 of 1100 decisions are the caller's own."]}})";

class SimulateTest : public CliTest {
 protected:
  SimulateTest() : file_(std::filesystem::temp_directory_path() / ("policy-" + random_secret_hex(8))) {
    write("strategy: cost\n");
  }
  ~SimulateTest() override { std::filesystem::remove(file_); }
  void write(const std::string& text) const { std::ofstream(file_) << text; }
  int simulate(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"simulate", "--policy", file_.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(std::move(arguments));
  }
  // One line of JSON each.
  void answer(std::vector<std::string> lines) {
    for (std::string& line : lines) {
      std::erase(line, '\n');
      line += '\n';
    }
    server.answer("POST /api/v1/simulations", {.pieces = std::move(lines)});
  }

  std::filesystem::path file_;
};

TEST_F(SimulateTest, ShowsTables) {
  answer({R"({"progress":{"requests":500,"of":1200}})", kSimulation});
  ASSERT_EQ(simulate(), 0) << console.complained;
  EXPECT_EQ(console.printed,
            "1,200 requests from 2026-01-01T00:00:00.000Z to 2026-01-02T09:00:00.000Z\n"
            "1,100 decisions ranked again, 300 of them (27.3 %) to another model\n"
            "100 left out: no model could serve them\n"
            "There are more requests: --limit and --since say which are read\n"
            "\n"
            "Predicted\n"
            "                 AS DECIDED  SIMULATED       CHANGE\n"
            "  Cost               $12.50      $8.25      -34.0 %\n"
            "  Latency, mean       2.4 s      2.1 s      -12.5 %\n"
            "  Latency, p95        6.1 s      6.1 s         same\n"
            "  Quality              0.82       0.79       -3.7 %\n"
            "  Success            97.1 %     97.6 %  +0.5 points\n"
            "\n"
            "Changed choices\n"
            "  FROM           TO                  DECISIONS\n"
            "  openai/gpt-4o  openai/gpt-4o-mini        280\n"
            "  openai/gpt-4o  nobody is left             20\n"
            "\n"
            "How good the predictions were for what was decided\n"
            "        PREDICTED  MEASURED  CHANGE\n"
            "  Cost     $12.00    $13.00  +8.3 %\n"
            "\n"
            "- 40 of 1100 decisions are the caller's own.\n");
}

TEST_F(SimulateTest, SendsThePolicyAndTheSpan) {
  write(
      "weights: { cost: 2 }\nclasses: { simple: { chain: [a, b*] } }\nproviders: { deny: azure }\ncost_limit_usd: "
      "0.5\n");
  answer({kSimulation});
  ASSERT_EQ(simulate({"--since", "2026-01-01", "--until", "1h", "--tenant", "acme", "--limit", "9"}), 0);
  EXPECT_EQ(server.sent().back().body,
            R"({"policy":{"weights":{"quality":0,"latency":0,"cost":2,"resources":0},)"
            R"("classes":{"simple":{"chain":["a","b*"]}},"providers":{"allow":[],"deny":["azure"]},"local_only":false,)"
            R"("cost_limit_usd":0.5},"from":"2026-01-01","to":"2026-01-02T09:00:00.000Z","tenant":"acme","limit":9,)"
            R"("stream":true})");
  EXPECT_EQ(simulate({"--format", "json"}), 0);
  EXPECT_EQ(find_int(printed_json(), "changed"), 300);
}

TEST_F(SimulateTest, ShowsNoProgressWithinTwoSeconds) {
  answer({R"({"progress":{"requests":500,"of":1200}})", kSimulation});
  console.terminal = true;
  EXPECT_EQ(simulate(), 0);
  EXPECT_EQ(console.complained, "");
}

TEST_F(SimulateTest, SaysWhatIsWrong) {
  EXPECT_EQ(run({"simulate"}), 2);
  EXPECT_EQ(run({"simulate", "--policy", "/no/such.yaml"}), 2);
  EXPECT_THAT(console.complained, HasSubstr("/no/such.yaml: The file cannot be read."));
  write("strategy: cheap\n");
  EXPECT_EQ(simulate(), 2);
  EXPECT_THAT(console.complained, HasSubstr(":1:11: strategy:"));
  write("strategy: cost\n");
  EXPECT_EQ(simulate({"--since", "yesterday"}), 2);
  EXPECT_THAT(console.complained, HasSubstr("--since: This must be a duration"));
  EXPECT_EQ(simulate({"--since", "20260101x"}), 2);
  server.answer("POST /api/v1/simulations", 403,
                R"({"error":"Only an administrator may do this.","code":"forbidden"})");
  EXPECT_EQ(simulate(), 1);
  EXPECT_THAT(console.complained, HasSubstr("Only an administrator"));
}

TEST_F(SimulateTest, AnErrorInTheMiddleAndAnEnd) {
  answer({R"({"progress":{"requests":500,"of":1200}})", R"({"error":"The database failed.","code":"unavailable"})"});
  EXPECT_EQ(simulate(), 1);
  EXPECT_THAT(console.complained, HasSubstr("The database failed."));
}

TEST_F(SimulateTest, NothingWasAsked) {
  answer({R"({"simulation":{"requests":0,"replayed":0}})"});
  EXPECT_EQ(simulate({"--since", "24h"}), 0);
  EXPECT_EQ(console.printed, "Nothing was asked in the last 24h.\n");
  EXPECT_EQ(simulate({"--since", "2020-01-01", "--until", "2020-01-02"}), 0);
  EXPECT_EQ(console.printed, "Nothing was asked in that time.\n");
}

TEST_F(SimulateTest, AServerThatStopped) {
  answer({R"({"progress":{"requests":500,"of":1200}})"});
  EXPECT_EQ(simulate(), 1);
  EXPECT_THAT(console.complained, HasSubstr("stopped before the simulation was finished"));
}

}  // namespace
}  // namespace orchestra::cli
