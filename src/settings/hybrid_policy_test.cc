#include "settings/hybrid_policy.h"

#include <gmock/gmock.h>

#include "settings/embedded.h"
#include "settings/fake_folder.h"
#include "settings/test_reading.h"

namespace orchestra::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HybridPolicyTest : public ReadingTest {
 protected:
  HybridPolicy read(const std::string& yaml) {
    const auto document = parse_yaml(yaml, reading_.file, problems_);
    Section root(reading_, document ? &*document : nullptr, "");
    return read_hybrid_policy(root, {.providers = providers_}, {});
  }
  std::string problems(const std::string& yaml) {
    problems_.clear();
    read(yaml);
    return text(problems_);
  }
  static std::vector<std::string> names(const HybridService& service) {
    std::vector<std::string> out;
    for (const auto& one : service.providers) out.push_back(one.name);
    return out;
  }
  // The one provider of a reason service.
  HybridProvider entry(const std::string& group, const std::string& fields) {
    const auto policy = read("services: {reason: {providers: {" + group + ": [{" + fields + "}]}}}");
    EXPECT_EQ(text(problems_), "");
    return policy.reason.providers.empty() ? HybridProvider{} : policy.reason.providers.front();
  }

  std::vector<Provider> providers_{{.name = "openai", .enabled = true},
                                   {.name = "open", .enabled = true},
                                   {.name = "mistral", .why = "No key: set MISTRAL_API_KEY."}};
};

TEST_F(HybridPolicyTest, TheShippedFileIsValidWithoutAnyKey) {
  const FakeFolder folder;
  const auto loaded = load(folder.options());
  ASSERT_TRUE(loaded) << text(loaded.error());
  const HybridPolicy& policy = loaded->hybrid.policy;
  EXPECT_THAT(names(policy.stt), ElementsAre("whisper_local", "openai_stt"));
  EXPECT_EQ(policy.stt.latency_threshold, std::chrono::milliseconds(500));
  EXPECT_EQ(policy.stt.confidence_threshold, 0.75);
  EXPECT_EQ(policy.stt.per_call_timeout, std::chrono::milliseconds(4000));
  EXPECT_THAT(names(policy.tts), ElementsAre("openai_tts", "google_tts", "local_tts"));
  EXPECT_EQ(policy.tts.per_call_timeout, std::chrono::milliseconds(3000));
  EXPECT_THAT(policy.tts.providers[0].unavailable, HasSubstr("OPENAI_API_KEY"));
  EXPECT_EQ(policy.tts.providers[0].voice, "alloy");
  EXPECT_EQ(policy.reason.strategy, HybridStrategy::kLocalFirst);
  EXPECT_THAT(names(policy.translate), ElementsAre("cloud_llm", "apertium", "local_llm"));
  EXPECT_EQ(policy.translate.providers[1].engine, HybridEngine::kApertium);
  EXPECT_EQ(policy.translate.hedging, Hedging());
}

TEST_F(HybridPolicyTest, ReadmesOwnFileIsValid) {
  const auto policy = read(
      "services:\n  stt:\n    strategy: local_first\n    providers:\n      local:\n        - name: whisper_local\n"
      "      cloud:\n        - name: openai_stt\n    fallback_criteria:\n      latency_threshold_ms: 500\n"
      "      confidence_score_threshold: 0.75\n");
  EXPECT_EQ(text(problems_), "");
  EXPECT_THAT(names(policy.stt), ElementsAre("whisper_local", "openai_stt"));
  EXPECT_EQ(policy.stt.providers[1].engine, HybridEngine::kSpeech);
}

TEST_F(HybridPolicyTest, CloudTranslationIsNotThereAndTheMessageSaysWhatIs) {
  providers_.push_back({.name = "google", .enabled = true});
  const auto translate = [&](std::string_view entry) {
    problems_.clear();
    return read(fmt::format("services:\n  translate:\n    providers: {{cloud: [{}]}}\n", entry)).translate;
  };
  for (const char* entry :
       {"{name: google_translate}", "{name: google_translate, model: auto}", "{name: google_translation}"}) {
    translate(entry);
    EXPECT_THAT(text(problems_), testing::AllOf(HasSubstr("Google's Cloud Translation, which is not there yet"),
                                                HasSubstr("Use apertium"), HasSubstr("gemini-2.5-flash")))
        << entry;
  }
  const auto named = translate("{name: google_translate, model: gemini-2.5-flash}");
  EXPECT_EQ(text(problems_), "");
  EXPECT_EQ(named.providers.front().ask, "google/gemini-2.5-flash");
}

TEST_F(HybridPolicyTest, WhatAFileLeavesOutIsAsShipped) {
  FakeFolder folder;
  folder.write("config/hybrid_policy.yaml", "services: {reason: {strategy: cloud_first}}");
  const auto loaded = load(folder.options());
  ASSERT_TRUE(loaded) << text(loaded.error());
  const HybridPolicy& policy = loaded->hybrid.policy;
  EXPECT_THAT(names(policy.reason), ElementsAre("cloud_llm", "local_llm")) << "in the order of its strategy";
  EXPECT_EQ(policy.reason.latency_threshold, std::chrono::milliseconds(500));
  EXPECT_THAT(names(policy.translate), ElementsAre("cloud_llm", "apertium", "local_llm"));
}

TEST_F(HybridPolicyTest, TheStrategyOrdersTheGroupsAndWeightsTheirProviders) {
  const std::string providers =
      "providers: {primary: {name: openai_a}, secondary: [{name: openai_b}, {name: openai_c, weight: 2}],"
      " local: {name: local_a}}";
  EXPECT_THAT(names(read("services: {reason: {strategy: local_first, " + providers + "}}").reason),
              ElementsAre("local_a", "openai_a", "openai_c", "openai_b"));
  EXPECT_THAT(names(read("services: {reason: {strategy: cloud_first, " + providers + "}}").reason),
              ElementsAre("openai_a", "openai_c", "openai_b", "local_a"));
  EXPECT_EQ(text(problems_), "");
}

TEST_F(HybridPolicyTest, AProviderLeadsToWhatItsNameAndModelSay) {
  EXPECT_EQ(entry("cloud", "name: openai_reason").only, "openai");
  EXPECT_EQ(entry("cloud", "name: openai_reason").ask, "auto");
  EXPECT_EQ(entry("cloud", "name: openai, model: gpt-4o").ask, "openai/gpt-4o");
  EXPECT_EQ(entry("cloud", "name: openai, model: lab/gpt").ask, "openai/lab/gpt");
  EXPECT_EQ(entry("cloud", "name: mine, model: openai/gpt-4o").ask, "openai/gpt-4o");
  EXPECT_EQ(entry("cloud", "name: mine, model: fast").ask, "fast");
  EXPECT_EQ(entry("cloud", "name: mine, model: auto").only, "");
  EXPECT_EQ(entry("local", "name: mine, model: auto").only, "local");
  EXPECT_EQ(entry("local", "name: local_llm").only, "local");
  EXPECT_EQ(entry("local", "name: local_llm, model: tiny").ask, "local/tiny");
  EXPECT_EQ(entry("cloud", "name: mistral, model: small").unavailable,
            "The provider mistral is not available. No key: set MISTRAL_API_KEY.");
  EXPECT_EQ(entry("cloud", "name: openai, timeout_ms: 70").timeout, std::chrono::milliseconds(70));
}

TEST_F(HybridPolicyTest, AProviderThatIsNotSetUpIsAnError) {
  const std::string told = problems("services:\n  reason:\n    providers:\n      cloud:\n        - name: opnai_x\n");
  EXPECT_THAT(told, HasSubstr("list.yaml:5:"));
  EXPECT_THAT(told, HasSubstr("services.reason.providers.cloud[0].name: 'opnai_x'"));
  EXPECT_THAT(told, HasSubstr("Allowed: local, mistral, open, openai"));
  EXPECT_THAT(problems("services: {reason: {providers: {cloud: [{name: x, model: nowhere/gpt}]}}}"),
              HasSubstr("cloud[0].model: 'nowhere/gpt'"));
  EXPECT_THAT(problems("services: {reason: {providers: {local: [{name: apertium}]}}}"), HasSubstr("apertium"));
  EXPECT_THAT(problems("services: {stt: {providers: {cloud: [{name: openair}]}}}"), HasSubstr("openair"));
  EXPECT_THAT(problems("services: {translate: {providers: {cloud: [{name: apertium}]}}}"),
              HasSubstr("its place is under 'local'"));
}

TEST_F(HybridPolicyTest, SaysWhatIsWrong) {
  const auto reason = [&](const std::string& fields) { return problems("services: {reason: {" + fields + "}}"); };
  EXPECT_THAT(problems("version: 2"), HasSubstr("version"));
  EXPECT_THAT(problems("services: {speak: {}}"), HasSubstr("Allowed: reason, stt, translate, tts"));
  EXPECT_THAT(reason("strategy: fastest"), HasSubstr("local_first, cloud_first"));
  EXPECT_THAT(reason("providers: {}"), HasSubstr("at least one provider"));
  EXPECT_THAT(reason("providers: {edge: [{name: openai}]}"), HasSubstr("cloud, local, primary, secondary"));
  EXPECT_THAT(reason("providers: {cloud: [{model: openai/x}]}"), HasSubstr("needs a name"));
  EXPECT_THAT(reason("providers: {cloud: [{name: openai}, {name: openai}]}"), HasSubstr("further up"));
  EXPECT_THAT(reason("providers: {cloud: {name: openai}, primary: {name: open}}"), HasSubstr("not both"));
  EXPECT_THAT(reason("providers: {cloud: [{name: openai, weight: -1}]}"), HasSubstr("weight"));
  EXPECT_THAT(reason("fallback_criteria: {latency_threshold_ms: 0}"), HasSubstr("from 1 to"));
  EXPECT_THAT(reason("fallback_criteria: {latency_threshold_ms: soon}"), HasSubstr("whole number"));
  EXPECT_THAT(reason("fallback_criteria: {confidence_score_threshold: 75}"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(reason("hedging: {max_parallel: 0}"), HasSubstr("from 1 to 8"));
  EXPECT_THAT(reason("hedging: {prefer: cheaper}"), HasSubstr("higher_confidence, first"));
  EXPECT_THAT(reason("hedging: {max_extra_percent: 101}"), HasSubstr("from 0 to 100"));
  EXPECT_THAT(reason("hedging: {on_slowness: true}"), HasSubstr("on_latency"));
}

}  // namespace
}  // namespace orchestra::settings
