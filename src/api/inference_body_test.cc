#include "api/inference_body.h"

#include <gmock/gmock.h>

#include "api/chat_body.h"
#include "api/inference_answer.h"
#include "api/orchestrated_body.h"

namespace orchestra {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

Result<Inference> read(std::string_view text, std::string_view otherwise = "") {
  static const Catalogue kEmpty;
  auto body = JsonBody::parse(text);
  EXPECT_TRUE(body) << text;
  return read_inference(*body, otherwise, kEmpty);
}

json::value parsed(std::string_view text) {
  return parse_json(text).value();
}

json::value body_of(const Inference& inference, const Question& question) {
  return parsed(chat_body(inference, question));
}

TEST(InferenceBody, WeightsAreOfTheChoice) {
  const auto weighed =
      read(R"({"model_id":"m","inputs":"hi","parameters":{"weights":{"accuracy":0.4,"speed":0.3,"cost":-1}}})");
  ASSERT_TRUE(weighed);
  EXPECT_EQ(weighed->weights, (Weights{.quality = 0.4, .latency = 0.3, .cost = -1}));
  EXPECT_THAT(weighed->ignored, IsEmpty());
  EXPECT_FALSE(read(R"({"model_id":"m","inputs":"hi"})")->weights);
  EXPECT_FALSE(read(R"({"model_id":"m","inputs":"hi","parameters":{"weights":{"cost":"much"}}})"));
}

TEST(InferenceBody, SendsOnWhatAChatKnowsAndTellsTheRest) {
  const auto inference = read(R"({"model_id":"m","inputs":"hi","parameters":{"max_tokens":5,"top_k":3,"stop":["x"],
    "seed":null,"system":"Be brief.","num_beams":4,"ensemble":{"size":2}}})");
  ASSERT_TRUE(inference);
  EXPECT_EQ(inference->model, "m");
  EXPECT_EQ(inference->question, "hi");
  EXPECT_THAT(inference->ignored, ElementsAre("num_beams"));
  EXPECT_TRUE(inference->ensemble);
  EXPECT_FALSE(inference->cascade);
  EXPECT_EQ(body_of(*inference, {.model = "a/m", .probabilities = true}),
            parsed(R"({"max_tokens":5,"top_k":3,"stop":["x"],
    "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"model":"a/m","logprobs":true})"));
}

TEST(InferenceBody, APromptTakesThePlaceOfTheLastMessage) {
  const auto inference =
      read(R"({"model_id":"m","inputs":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},
    {"role":"user","content":[{"type":"text","text":"c"},{"type":"text","text":"d"}]}],"parameters":{"max_tokens":5}})");
  ASSERT_TRUE(inference);
  EXPECT_EQ(inference->question, "cd");
  EXPECT_EQ(body_of(*inference, {.model = "m", .prompt = "better"}), parsed(R"({"max_tokens":5,"model":"m",
    "messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"better"}]})"));
  EXPECT_EQ(body_of(*inference, {.model = "m", .prompt = "judge", .verdict = true}),
            parsed(R"({"messages":[{"role":"user","content":"judge"}],"temperature":0,"model":"m"})"))
      << "nothing of the request goes with it";
}

TEST(InferenceBody, WithoutAModelItIsTheOneGiven) {
  EXPECT_EQ(read(R"({"inputs":"hi"})", "auto")->model, "auto");
  EXPECT_EQ(read(R"({"model_id":"m","inputs":"hi"})", "auto")->model, "m");
  EXPECT_EQ(read(R"({"inputs":"hi"})").error().param, "model_id");
  EXPECT_EQ(read(R"({"model_id":"","inputs":"hi"})", "auto").error().param, "model_id");
}

TEST(InferenceBody, PicturesAndSoundsAreALaterVersions) {
  for (const auto* text :
       {R"({"model_id":"m","inputs":{"image_path":"a"}})", R"({"model_id":"m","inputs":{"audio_path":"a"}})",
        R"({"model_id":"yolo-v8","inputs":"x"})", R"({"model_id":"whisper-small","inputs":"x"})"}) {
    const auto refused = read(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, "task_not_available");
  }
  Catalogue catalogue;
  catalogue.by_bare_name["yolo-v8"] = {0};
  auto body = JsonBody::parse(R"({"model_id":"yolo-v8","inputs":"x"})");
  EXPECT_TRUE(read_inference(*body, "", catalogue)) << "somebody has a model of that name";
}

TEST(OrchestratedBody, ReadsWishesAndChecks) {
  const auto plain = read(R"({"inputs":"hi"})", "auto");
  EXPECT_EQ(read_ensemble(*plain)->size, 3U);
  EXPECT_THAT(read_ensemble(*plain)->wishes.members, IsEmpty());
  EXPECT_FALSE(read_cascade(*plain)->plan.json);

  const auto ensemble = read_ensemble(*read(
      R"({"inputs":"hi","parameters":{"ensemble":{"members":["a","b"],"merge":"judge","judge":"j","weights":{"a":2},"size":4}}})",
      "auto"));
  ASSERT_TRUE(ensemble);
  EXPECT_EQ(ensemble->size, 4U);
  EXPECT_EQ(ensemble->wishes.merge, "judge");
  EXPECT_EQ(ensemble->wishes.judge, "j");
  EXPECT_EQ(ensemble->wishes.weights.at("a"), 2);

  const auto cascade =
      read_cascade(*read(R"({"inputs":"hi","parameters":{"cascade":{"pattern":"x","min_confidence":0.5,"judge":"j"},
    "response_format":{"type":"json_schema","json_schema":{"schema":{"type":"array"}}}}})",
                         "auto"));
  ASSERT_TRUE(cascade);
  EXPECT_TRUE(cascade->plan.json && cascade->plan.schema && cascade->plan.pattern);
  EXPECT_EQ(cascade->plan.min_confidence, 0.5);
  EXPECT_TRUE(cascade->plan.schema->fault(json::object()));
  EXPECT_TRUE(read_cascade(*read(R"({"inputs":"hi","parameters":{"response_format":{"type":"json_object"}}})", "auto"))
                  ->plan.json);
}

TEST(ReadAnswer, ComputesTheMeanProbability) {
  const auto confidence = [](std::string_view logprobs) {
    return read_answer(R"({"choices":[{"message":{"content":"x"},"logprobs":)" + std::string(logprobs) + "}]}")
        ->confidence;
  };
  EXPECT_THAT(confidence(R"({"content":[{"logprob":0},{"logprob":-0.6931471805599453}]})"),
              Optional(DoubleNear(0.75, 1e-9)));
  EXPECT_THAT(confidence(R"({"content":[{"logprob":3}]})"), Optional(1.0)) << "no probability is above 1";
  for (const auto* unknown :
       {"null", R"({"content":[]})", R"({"content":null})", R"({"content":[{"logprob":0},{}]})"}) {
    EXPECT_EQ(confidence(unknown), std::nullopt) << unknown;
  }
}

Reply reply_of(std::string model, std::string text, std::optional<MicroUsd> cost) {
  return {.id = RequestId::make(WallTime()),
          .model = std::move(model),
          .text = std::move(text),
          .tokens = 3,
          .cost = cost,
          .took = Millis(20)};
}

const json::value& metadata(const json::value& answer) {
  return *find(answer, "metadata");
}

TEST(InferenceAnswer, SaysWhatIsKnownAndNothingElse) {
  Catalogue catalogue;
  auto card = std::make_shared<ModelCard>();
  card->version = "2024-08";
  catalogue.models = {{.id = {"a/m"}, .card = card}};
  catalogue.by_id["a/m"] = 0;
  const auto answer = parsed(answer_json(catalogue, {}, reply_of("a/m", "hi", MicroUsd(250))));
  EXPECT_EQ(find_string(metadata(answer), "model_version"), "2024-08");
  EXPECT_THAT(find_number(metadata(answer), "cost"), Optional(0.00025));
  EXPECT_THAT(find_number(metadata(answer), "generation_time_ms"), Optional(20.0));
  for (const auto* absent : {"confidence", "finish_reason", "orchestration_strategy", "ignored_parameters"}) {
    EXPECT_EQ(find(metadata(answer), absent), nullptr) << absent;
  }
  const auto unknown = parsed(answer_json({}, {}, reply_of("b/m", "hi", std::nullopt), "cost"));
  EXPECT_TRUE(find(metadata(unknown), "cost")->is_null());
  EXPECT_EQ(find(metadata(unknown), "model_version"), nullptr);
  EXPECT_EQ(find_string(metadata(unknown), "orchestration_strategy"), "cost");
}

TEST(InferenceAnswer, OfAnEnsembleSumsWhatWasAsked) {
  EnsembleAnswer answer{.merged = {.text = "hi", .winner = 0}};
  answer.replies = {reply_of("a/m", "hi", MicroUsd(100)), reply_of("b/m", "ho", MicroUsd(50))};
  Reply cut{.model = "c/m", .error = Error{.fault = Fault::kTimeout, .what = "Late."}};
  answer.replies.push_back(cut);
  answer.judge = reply_of("j/m", "1", MicroUsd(7));
  const auto shown = parsed(ensemble_json({}, {}, answer, "judge", RequestId::make(WallTime())));
  EXPECT_EQ(find_string(shown, "model_id"), "a/m");
  EXPECT_EQ(find_int(metadata(shown), "tokens_generated"), 9);
  EXPECT_THAT(find_number(metadata(shown), "cost"), Optional(DoubleNear(0.000157, 1e-12)));
  EXPECT_THAT(find_number(metadata(shown), "generation_time_ms"), Optional(40.0)) << "side by side, then the judge";
  const json::value& late = find(metadata(shown), "members")->at(2);
  EXPECT_EQ(find_string(late, "code"), "request_timeout");
  EXPECT_EQ(find(late, "request_id"), nullptr) << "it was never asked";
}

}  // namespace
}  // namespace orchestra
