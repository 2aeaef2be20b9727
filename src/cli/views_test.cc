// Golden outputs of the commands that show what the server knows.
#include "cli/figures.h"
#include "cli/test_fixture.h"

namespace orchestra::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kModels = R"({"object":"list","data":[
  {"id":"local/codellama:13b","provider":"local","capabilities":["chat","streaming"],"local":true,"state":"cold","status":"stable","context_length":16384},
  {"id":"local/orchestra-demo","provider":"local","capabilities":["chat"],"local":true,"state":"ready","status":"unstable","context_length":512},
  {"id":"openai/gpt-4o","provider":"openai","capabilities":["chat","tools","images"],"local":false,"state":"remote","context_length":128000},
  {"id":"openai/text-embedding-3-small","provider":"openai","capabilities":["embedding"],"local":false,"state":"remote"}]})";

TEST_F(CliTest, ModelsTable) {
  server.answer("GET /v1/models", 200, kModels);
  EXPECT_EQ(run({"models"}), 0);
  EXPECT_EQ(console.printed,
            "MODEL                          STATE   STATUS    CONTEXT  CAN\n"
            "local/codellama:13b            cold    stable     16,384  chat streaming\n"
            "local/orchestra-demo           ready   unstable      512  chat\n"
            "openai/gpt-4o                  remote            128,000  chat tools images\n"
            "openai/text-embedding-3-small  remote                     embedding\n");
  EXPECT_EQ(run({"models", "--provider", "local", "--ids"}), 0);
  EXPECT_EQ(console.printed, "local/codellama:13b\nlocal/orchestra-demo\n");
  EXPECT_EQ(run({"models", "--format", "json"}), 0);
  EXPECT_EQ(find_int(printed_json(), "total"), 4);
}

TEST_F(CliTest, ModelsWithTheirFigures) {
  server.answer("GET /v1/models", 200,
                R"({"data":[{"id":"x/a","provider":"x","state":"remote","status":"stable","capabilities":["chat"]},
                            {"id":"x/b","provider":"x","state":"remote","status":"beta","capabilities":["chat"]}]})");
  server.answer("GET /models", 200,
                R"([{"full_id":"x/a","performance":{"avg_ttft_ms":412.5,"tokens_per_second":81.25,"success_rate":0.985,
                     "quality_score":0.9,"samples":120.4}}])");
  EXPECT_EQ(run({"models", "--include-metrics"}), 0);
  EXPECT_EQ(console.printed,
            "MODEL  STATE   STATUS  CONTEXT  FIRST TOKEN  TOKENS/S  SUCCESS  QUALITY  SAMPLES  CAN\n"
            "x/a    remote  stable                412 ms      81.2   98.5 %     0.90      120  chat\n"
            "x/b    remote  beta                                                               chat\n");
  EXPECT_EQ(run({"models", "--include-metrics", "--json"}), 0);
  const json::value printed = printed_json();
  const json::value& first = find(printed, "models")->as_array().at(0);
  EXPECT_EQ(find_number(*find(first, "performance"), "samples"), 120.4);
}

TEST_F(CliTest, ModelsShowWhatAnAliasStandsFor) {
  server.answer("GET /v1/models", 200,
                R"({"data":[{"id":"fast","provider":"alias","chain":["groq/llama","local/demo"]}]})");
  EXPECT_EQ(run({"models"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("-> groq/llama, local/demo\n"));
  EXPECT_EQ(run({"models", "--provider", "nobody"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("'nobody' offers no models."));
}

TEST_F(CliTest, ModelsBestFor) {
  server.answer("POST /api/v1/select-model", 200,
                R"({"selected_model":"local/codellama:13b","task":"code_generation","reasoning":"It ranks highest.",
                    "alternatives":["openai/gpt-4o"]})");
  EXPECT_EQ(run({"models", "--best-for", "code_generation", "--format", "json"}), 0);
  const json::value best = printed_json();
  EXPECT_EQ(find_string(best, "model"), "local/codellama:13b");
  EXPECT_EQ(find(best, "alternatives")->as_array().size(), 1U);
  EXPECT_EQ(server.sent().back().body, R"({"task":"code_generation"})");
  EXPECT_EQ(run({"models", "--best-for", "text_generation", "--provider", "local"}), 0);
  EXPECT_EQ(console.printed, "local/codellama:13b\n");
  EXPECT_EQ(server.sent().back().fields.find("x-orchestra-providers"), "local");
  EXPECT_EQ(run({"models", "--best-for", "code_generaton"}), 2);
  EXPECT_THAT(console.complained, HasSubstr("Did you mean 'code_generation'?"));
}

TEST_F(CliTest, SelectAndRouteSpeakReadme003) {
  server.answer("POST /api/v1/ai/select-model", 200,
                R"({"selectedModel":"openai/gpt-4o","alternatives":["x/y"],"reasoning":"It ranks highest."})");
  EXPECT_EQ(run({"select", "reasoning", "--complexity", "complex", "--priority", "high", "--quality", "good",
                 "--cost-limit", "0.01", "--max-tokens", "100"}),
            0);
  EXPECT_EQ(console.printed, "openai/gpt-4o\n");
  EXPECT_EQ(server.sent().back().body,
            R"({"taskType":"reasoning","requirements":{"complexity":"complex","priority":"high",)"
            R"("qualityRequirement":"good","costLimit":0.01,"maxTokens":100}})");
  EXPECT_EQ(run({"select", "cooking"}), 2);
  EXPECT_EQ(run({"select", "code", "--priority", "urgent"}), 2);
  server.answer("POST /api/v1/ai/route-request", 200,
                R"({"requestId":"req_1","selectedModel":"openai/gpt-4o","response":"Yes."})");
  EXPECT_EQ(run({"route", "reasoning", "Is 7 prime?", "--temperature", "0"}), 0);
  EXPECT_EQ(console.printed, "Yes.\n");
  EXPECT_EQ(server.sent().back().body,
            R"({"taskType":"reasoning","prompt":"Is 7 prime?","requirements":{"temperature":0}})");
  EXPECT_EQ(run({"route", "reasoning", "x", "--json"}), 0);
  EXPECT_EQ(find_string(printed_json(), "response"), "Yes.");
}

TEST_F(CliTest, NoModelsSayWhatToDo) {
  server.answer("GET /v1/models", 200, R"({"data":[]})");
  EXPECT_EQ(run({"models"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("Set a provider's key"));
}

TEST_F(CliTest, Ps) {
  server.answer("GET /api/ps", 200, R"({"models":[
    {"name":"demo","model":"local/demo","size":52428800,"size_vram":0,"expires_at":"2026-01-02T10:05:00Z","state":"ready","device":"cpu","in_flight":1},
    {"name":"big","model":"local/big","size":4900000000,"size_vram":4900000000,"state":"loading","load":{"stage":"text_model","percent":42.4}}],
    "devices":[{"name":"cpu","budget":8000000000,"booked":52428800,"free":6000000000}]})");
  EXPECT_EQ(run({"ps"}), 0);
  EXPECT_EQ(console.printed,
            "MODEL       STATE            SIZE  ON   REQUESTS  UNTIL\n"
            "local/demo  ready         52.4 MB  cpu         1  2026-01-02T10:05:00Z\n"
            "local/big   loading 42 %   4.9 GB  gpu\n"
            "cpu: 52.4 MB of 8.0 GB booked, 6.0 GB free\n");
}

TEST_F(CliTest, LoadAndUnload) {
  server.answer("POST /api/models/llama3.2%3A8b/load", 200,
                R"({"model_id":"local/llama3.2:8b","loaded":true,"status":"ready","memory_usage":710,"gpu_usage":0})");
  EXPECT_EQ(run({"load", "llama3.2:8b"}), 0) << console.complained;
  EXPECT_EQ(console.printed, "llama3.2:8b is loaded (0 us, 744 MB)\n");
  server.answer("POST /api/models/local%2Fx/load", 507, R"({"detail":"It needs 40 GB.","code":"no_memory"})");
  EXPECT_EQ(run({"load", "local/x"}), 1);
  EXPECT_THAT(console.complained, HasSubstr("It needs 40 GB."));
  server.answer("POST /api/models/y/load", 200, R"({"loaded":false,"status":"error","error":"It crashed."})");
  EXPECT_EQ(run({"load", "y"}), 1);
  EXPECT_THAT(console.complained, HasSubstr("It crashed."));
  server.answer("POST /api/models/y/unload", 200, R"({"loaded":false,"status":"not_loaded"})");
  EXPECT_EQ(run({"unload", "y", "--json"}), 0);
  EXPECT_EQ(find_string(printed_json(), "status"), "not_loaded");
}

TEST_F(CliTest, Health) {
  server.answer("GET /api/v1/health", 200, R"({"status":"degraded","service":"ai-orchestra","version":"1.2.3",
    "services":{"database":"connected","openai":"unreachable"},
    "components":{"database":"healthy","providers":[{"name":"openai","state":"unreachable","detail":"timed out"}]},
    "system":{"uptime":"2h 45m","memory_usage":"19MB","available_models":3}})");
  EXPECT_EQ(run({"health"}), 0);
  EXPECT_EQ(console.printed, "ai-orchestra: degraded at http://localhost:8080, version 1.2.3, up 2h 45m\n");
  EXPECT_EQ(run({"health", "--verbose"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("services\n  database: connected\n  openai: unreachable\n"));
  EXPECT_THAT(console.printed, HasSubstr("    openai: unreachable  timed out\n"));
  EXPECT_THAT(console.printed, HasSubstr("  available_models: 3\n"));
  EXPECT_EQ(run({"health", "--json"}), 0);
  EXPECT_EQ(find_string(printed_json(), "status"), "degraded");
  server.answer("GET /api/v1/health", 200, R"({"status":"healthy","components":{"providers":[]}})");
  run({"health"});
  EXPECT_EQ(run({"health", "--verbose"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("  providers: none\n"));
}

TEST_F(CliTest, AnUnhealthyServerIsAFailure) {
  server.answer("GET /api/v1/health", 503, R"({"status":"unhealthy","service":"ai-orchestra"})");
  EXPECT_EQ(run({"health"}), 1);
  EXPECT_THAT(console.printed, HasSubstr("unhealthy"));
}

TEST_F(CliTest, Usage) {
  const std::string target =
      "GET /api/v1/usage?from=2025-12-26T10%3A00%3A00.000Z&to=2026-01-02T10%3A00%3A00.000Z&group_by=model";
  server.answer(target, 200, R"({"rows":[
    {"model":"openai/gpt-4o","requests":1200,"tokens":{"input":345678,"output":9012},"cost_micro_usd":1234500,"unknown_cost_requests":0},
    {"model":"local/demo","requests":3,"tokens":{"input":9,"output":27},"cost_micro_usd":0,"unknown_cost_requests":0},
    {"model":"lab/x","requests":2,"tokens":{"input":1,"output":1},"cost_micro_usd":0,"unknown_cost_requests":2}],
    "total":{"requests":1205,"tokens":{"input":345688,"output":9040},"cost_micro_usd":1234500,"unknown_cost_requests":2}})");
  EXPECT_EQ(run({"usage", "--since", "7d"}), 0) << console.complained;
  EXPECT_EQ(console.printed,
            "MODEL          REQUESTS    INPUT  OUTPUT                 COST\n"
            "openai/gpt-4o     1,200  345,678   9,012              $1.2345\n"
            "local/demo            3        9      27                $0.00\n"
            "lab/x                 2        1       1              unknown\n"
            "total             1,205  345,688   9,040  $1.2345 + 2 unknown\n");
}

TEST_F(CliTest, Explain) {
  server.answer("GET /api/v1/decisions/req_1", 200,
                R"({"request_id":"req_1","at":"2026-01-02T10:00:00.000Z","asked":"auto","rule":"auto",
    "considered":[{"model":"openai/gpt-4o","verdict":"chosen","reason":"best score","score":1.25},
                  {"model":"local/demo","verdict":"context","reason":"its window holds 512 tokens","score":0}],
    "plan":{"order":[{"model":"openai/gpt-4o","form":"relay","reserve_micro_usd":1200,"expected_us":350000},
                     {"model":"groq/llama","form":"relay","reserve_micro_usd":null,"expected_us":200000}]},
    "attempts":[{"model":"openai/gpt-4o","started_ms":0,"took_ms":500,"outcome":"timeout","what":"Nothing came in time."},
                {"model":"groq/llama","started_ms":500,"took_ms":500,"outcome":"answered"}],
    "outcome":"answered","model":"groq/llama","usage":{"input":12,"output":34},"usage_known":true,
    "cost_micro_usd":null,"latency_ms":1000})");
  EXPECT_EQ(run({"explain", "req_1"}), 0) << console.complained;
  EXPECT_EQ(console.printed,
            "Request   req_1\n"
            "At        2026-01-02T10:00:00.000Z\n"
            "Asked for auto (rule: auto)\n"
            "Outcome   answered by groq/llama\n"
            "Tokens    12 in, 34 out\n"
            "Cost      unknown\n"
            "Took      1.0 s\n"
            "\nCandidates\n"
            "  MODEL          VERDICT  SCORE  REASON\n"
            "  openai/gpt-4o  chosen    1.25  best score\n"
            "  local/demo     context   0.00  its window holds 512 tokens\n"
            "\nPlan, in this order\n"
            "  #  MODEL          FORM   EXPECTED  RESERVED\n"
            "  1  openai/gpt-4o  relay    350 ms   $0.0012\n"
            "  2  groq/llama     relay    200 ms   unknown\n"
            "\nAttempts, in time\n"
            "  MODEL          0                          1.0 s       AT    TOOK  OUTCOME\n"
            "  openai/gpt-4o  ################................    +0 us  500 ms  timeout: Nothing came in time.\n"
            "  groq/llama     ................################  +500 ms  500 ms  answered\n");
}

TEST_F(CliTest, ColoursOnTerminalsOnly) {
  server.answer("GET /v1/models", 200, kModels);
  console.terminal = true;
  EXPECT_EQ(run({"models"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("\x1b[1mMODEL\x1b[0m                          \x1b[1mSTATE"));
  variables["NO_COLOR"] = "1";
  EXPECT_EQ(run({"models"}), 0);
  EXPECT_THAT(console.printed, testing::Not(HasSubstr("\x1b")));
}

TEST(Figures, AreReadable) {
  EXPECT_EQ(show_bytes(999), "999 B");
  EXPECT_EQ(show_bytes(4'900'000'000), "4.9 GB");
  EXPECT_EQ(show_bytes(999'999'999), "1.0 GB");
  EXPECT_EQ(show_count(-1234567), "-1,234,567");
  EXPECT_EQ(show_count(123), "123");
  EXPECT_EQ(show_usd(12), "$0.000012");
  EXPECT_EQ(show_usd(1'500'000), "$1.50");
  EXPECT_EQ(show_usd(-1'000), "-$0.001");
  EXPECT_EQ(show_duration(Micros(812'000)), "812 ms");
  EXPECT_EQ(show_duration(Micros(185'000'000)), "3 min 05 s");
  EXPECT_EQ(progress_bar(50, 10), "[#####-----]  50 %");
  EXPECT_EQ(progress_bar(250, 4), "[####] 100 %");
}

TEST(Console, WidthsAndControlCharacters) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("\x1b[31mab\x1b[0m"), 2);
  EXPECT_EQ(display_width("é日本"), 5);
  EXPECT_EQ(printable("a\x1b]0;x\x07"
                      "b\nc\td"),
            "a ]0;x b\nc\td");
  EXPECT_EQ(printable("é日\xC2\x9B"
                      "1m"),
            "é日 1m");
}

TEST_F(CliTest, SelectSaysOnATerminalWhatTheModelAndTheServerAreLike) {
  console.terminal = true;
  server.answer("POST /api/v1/ai/select-model", 200,
                R"({"selectedModel":"x/a","reasoning":"It ranks highest.","alternatives":["x/b"],
                    "systemMetrics":{"memoryPressure":0.754,"availableMemoryGb":2.46,"cpuUsage":12.3},
                    "modelInfo":{"capabilities":["code","reasoning"],"speed":"fast","quality_tier":null}})");
  EXPECT_EQ(run({"select", "code"}), 0);
  EXPECT_EQ(console.printed, "x/a\n");
  EXPECT_THAT(console.complained, HasSubstr("Else x/b\nThe model: speed fast, for code reasoning\n"
                                            "The server: 75 % of the memory taken, 2.5 GB free, CPU 12 %"));
}

TEST_F(CliTest, ResourcesForPeopleAndAsJson) {
  const std::string reply =
      R"({"current":{"memoryPressure":0.754,"pressureLevel":"high","availableMemoryGb":2.46,
                     "totalMemoryGb":10,"usedMemoryGb":7.54,"cpuUsage":null,"swapUsedPercent":null},
                    "history":[{"timestamp":"2026-01-02T00:00:00Z","memoryPressure":0.5,"cpuUsage":null},
                               {"timestamp":"2026-01-02T00:01:00Z","memoryPressure":0.7,"cpuUsage":10}],
                    "memoryPressure":0.754})";
  for (const char* hours : {"1", "3"}) {
    server.answer(std::string("GET /api/v1/ai/resources/metrics?hours=") + hours, 200, reply);
  }
  EXPECT_EQ(run({"resources"}), 0);
  EXPECT_EQ(console.printed,
            "Memory    7.5 of 10.0 GB used, 2.5 GB available\n"
            "CPU       not known yet\n"
            "Swap      none\n"
            "Pressure  0.75, high\n"
            "\nSince 2026-01-02T00:00:00Z, by the minute\n"
            "Pressure  0.50 to 0.70, on average 0.60\n"
            "CPU       10.0 to 10.0 %, on average 10.0 %\n");
  EXPECT_EQ(run({"resources", "--hours", "3", "--json"}), 0);
  EXPECT_EQ(find_number(printed_json(), "memoryPressure"), 0.754);
  EXPECT_EQ(run({"resources", "--hours", "48"}), 2);
}

}  // namespace
}  // namespace orchestra::cli
