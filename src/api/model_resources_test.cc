#include <gmock/gmock.h>

#include "api/test_model_resources.h"

namespace orchestra {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ModelResources, TheSlashChoosesTheForm) {
  EXPECT_TRUE(ask("GET", "/api/models/").body.is_array());
  EXPECT_TRUE(ask("GET", "/api/models").body.is_object());
  EXPECT_TRUE(ask("GET", "/api/models?type_filter=llm").body.is_array());
  EXPECT_TRUE(ask("GET", "/api/models/?page=1").body.is_object());
  EXPECT_TRUE(ask("GET", "/api/models/?search=x").body.is_object());
}

TEST_F(ModelResources, PagesFiltersAndSearches) {
  EXPECT_THAT(page(""), ElementsAre("tiny", "gpt-9"));
  EXPECT_THAT(page("page_size=1&page=2"), ElementsAre("gpt-9"));
  EXPECT_THAT(page("page=9"), IsEmpty());
  EXPECT_THAT(page("provider=OpenAI"), ElementsAre("gpt-9"));
  EXPECT_THAT(page("capability=completion"), ElementsAre("tiny"));
  EXPECT_THAT(page("capability=LONG_CONTEXT"), ElementsAre("gpt-9"));
  EXPECT_THAT(page("search=GPT"), ElementsAre("gpt-9"));
  EXPECT_THAT(page("status=inactive"), IsEmpty());
  EXPECT_EQ(find_int(ask("GET", "/api/models?page_size=1").body, "total"), 2);
  for (const char* bad : {"page=0", "page=x", "page_size=101", "capability=fly", "status=tired"}) {
    EXPECT_EQ(ask("GET", std::string("/api/models?") + bad).status, 422) << bad;
  }
  EXPECT_THAT(ask("GET", "/api/models?capability=fly").text, HasSubstr("IMAGE_GENERATION"));
}

TEST_F(ModelResources, ARecordIsCreatedReadChangedAndDropped) {
  const Answer created = register_one(R"(,"cost_per_token":0.000002,"token_limit":4096,"metadata":{"team":"x"})");
  ASSERT_EQ(created.status, 201) << created.text;
  EXPECT_EQ(find_string(created.body, "provider"), "OPENAI");
  EXPECT_EQ(find_string(created.body, "status"), "ACTIVE");
  EXPECT_EQ(find_string(created.body, "display_name"), "one");
  EXPECT_EQ(find_number(created.body, "cost_per_token"), 0.000002);
  EXPECT_EQ(find_string(*find(created.body, "metadata"), "team"), "x");
  EXPECT_EQ(find_string(created.body, "created_at"), "2026-01-02T10:00:00.000Z");
  EXPECT_EQ(find_string(created.body, "full_id"), "openai/one");
  EXPECT_EQ(find_number(*find(created.body, "costs"), "input_tokens_per_1k"), 0.002);
  EXPECT_EQ(ask("GET", "/api/models/one").text, created.text);
  EXPECT_EQ(ask("GET", "/api/models/openai%2Fone").text, created.text);

  const Answer changed = ask("PUT", "/api/models/one", R"({"status":"inactive"})");
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(find_string(changed.body, "status"), "INACTIVE");
  EXPECT_EQ(find_int(changed.body, "token_limit"), 4096);
  EXPECT_EQ(ask("DELETE", "/api/models/one").status, 204);
  EXPECT_EQ(ask("GET", "/api/models/one").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/models/one").status, 404);
}

TEST_F(ModelResources, WhatGetAnswersCanBeSentBack) {
  const std::string text = register_one(R"(,"features":["tools"],"performance":{"quality_score":0.5})").text;
  const Answer again = ask("PUT", "/api/models/one", text);
  EXPECT_EQ(again.status, 200) << again.text;
  EXPECT_EQ(again.text, text);
  EXPECT_EQ(ask("POST", "/api/models/",
                ask("GET", "/api/models/").body.as_array()[1].is_object()
                    ? json::serialize(ask("GET", "/api/models/").body.as_array()[1])
                    : "")
                .status,
            201);
}

TEST_F(ModelResources, MeasuredFiguresThatAreSentBackAreNobodysClaim) {
  ASSERT_EQ(register_one(R"(,"performance":{"quality_score":0.5})").status, 201);
  const std::string figures = R"({"quality_score":0.9,"samples":3,"source":)";
  ASSERT_EQ(ask("PUT", "/api/models/one", R"({"description":"x","performance":)" + figures + R"("measured"}})").status,
            200);
  EXPECT_EQ(registry_.parts.records->find("openai/one")->claimed.quality, 0.5);
  ASSERT_EQ(ask("PUT", "/api/models/one", R"({"performance":)" + figures + R"("claimed"}})").status, 200);
  EXPECT_EQ(registry_.parts.records->find("openai/one")->claimed.quality, 0.9);
}

TEST_F(ModelResources, BadInputIsRefusedAndChangesNothing) {
  const RecordsPtr before = registry_.parts.records;
  struct Case {
    const char* more;
    const char* field;
  };
  for (const auto& [more, field] : {Case{R"(,"cost_per_token":-1)", "cost_per_token"},
                                    {R"(,"cost_per_token":1e999)", "cost_per_token"},
                                    {R"(,"cost_per_token":"free")", "cost_per_token"},
                                    {R"(,"costs":{"input_tokens_per_1k":1e9})", "input_tokens_per_1k"},
                                    {R"(,"performance":{"quality_score":1.01})", "quality_score"},
                                    {R"(,"performance":{"success_rate":-0.1})", "success_rate"},
                                    {R"(,"token_limit":1.5)", "token_limit"},
                                    {R"(,"status":"tired")", "status"},
                                    {R"(,"tags":"a")", "tags"},
                                    {R"(,"metadata":[])", "metadata"},
                                    {R"(,"colour":"red")", "colour"},
                                    {R"(,"type":"poet")", "type"}}) {
    const Answer answer = register_one(more);
    EXPECT_EQ(answer.status, 422) << more << answer.text;
    EXPECT_EQ(find_string(answer.body, "param"), field) << more;
    EXPECT_EQ(find_string(answer.body, "code"), "validation_error");
  }
  EXPECT_EQ(ask("POST", "/api/models", R"({"cost":NaN})").status, 400);
  EXPECT_EQ(ask("POST", "/api/models", "[]").status, 422);
  EXPECT_EQ(ask("POST", "/api/models", R"({"model_id":"a","provider":"x","capabilities":[]})").status, 422);
  EXPECT_EQ(ask("POST", "/api/models", R"({"model_id":"stable","provider":"x","capabilities":["CHAT"]})").status, 422);
  EXPECT_EQ(ask("PUT", "/api/models/gpt-9", "{}").status, 400);
  EXPECT_EQ(registry_.parts.records, before);
  EXPECT_EQ(register_one().status, 201);
  EXPECT_EQ(register_one().status, 400) << "twice";
}

TEST_F(ModelResources, ListenersOf002FindTheFieldAndItsPlaceInDetail) {
  surface_ = "002";
  const auto place = [](const Answer& answer) {
    return json::serialize(*find(find(answer.body, "detail")->as_array().at(0), "loc"));
  };
  EXPECT_EQ(place(register_one(R"(,"status":"tired")")), R"(["body","status"])");
  EXPECT_EQ(place(ask("GET", "/api/models?page=none")), R"(["query","page"])");
  const std::string usage = "/models/gpt-9/usage";
  EXPECT_EQ(place(ask("POST", usage + "?response_time=-1&query_type=simple&cost_usd=0")),
            R"(["query","response_time"])");
  EXPECT_EQ(place(ask("POST", usage + "?query_type=simple")), R"(["query","response_time"])");
  EXPECT_EQ(place(ask("POST", usage, R"({"query_type":"simple","response_time":-1})")), R"(["body","response_time"])");
}

TEST_F(ModelResources, CapabilitiesMayBeWordsOfAllReadmes) {
  const auto made = [&](const std::string& words) {
    return ask("POST", "/api/models", R"({"model_id":"w","provider":"OPENAI","capabilities":[)" + words + "]}");
  };
  ASSERT_EQ(made(R"("CHAT","FAST_INFERENCE","Tool_Use","code","long_context")").status, 201);
  const json::value flags = *find(ask("GET", "/models/w").body, "capabilities");
  EXPECT_EQ(find_bool(flags, "fast_inference"), true);
  EXPECT_EQ(find_bool(flags, "function_calling"), true);
  EXPECT_EQ(find_bool(flags, "streaming"), true);
  EXPECT_EQ(find_bool(flags, "multimodal"), false);
  const Answer shown = ask("GET", "/api/models/w");
  EXPECT_EQ(json::serialize(*find(shown.body, "capabilities")), R"(["CHAT"])");
  EXPECT_EQ(json::serialize(*find(shown.body, "skills")), R"(["code"])");
  EXPECT_EQ(ask("DELETE", "/api/models/w").status, 204);
  ASSERT_EQ(made(R"("TEXT_GENERATION")").status, 201);
  EXPECT_EQ(json::serialize(*find(ask("GET", "/api/models/w").body, "capabilities")), R"(["CHAT","COMPLETION"])");
  EXPECT_EQ(ask("DELETE", "/api/models/w").status, 204);
  const Answer unknown = made(R"("CHAT","COOKING")");
  EXPECT_EQ(unknown.status, 422);
  EXPECT_THAT(unknown.text, AllOf(HasSubstr("COOKING"), HasSubstr("FAST_INFERENCE")));
  EXPECT_EQ(made(R"("FAST_INFERENCE")").status, 422) << "no task";
}

TEST_F(ModelResources, AnAliasIsShownAsWhoStandsInForIt) {
  EXPECT_EQ(ask("GET", "/api/models/example").status, 404);
  stand_in_ = ModelId{"local/tiny"};
  EXPECT_EQ(find_string(ask("GET", "/api/models/example").body, "full_id"), "local/tiny");
  EXPECT_EQ(find_string(ask("GET", "/api/models/gpt-9").body, "full_id"), "openai/gpt-9");
  EXPECT_EQ(ask("PUT", "/api/models/example", R"({"status":"INACTIVE"})").status, 404) << "what it stands for stays";
  EXPECT_EQ(ask("DELETE", "/api/models/example").status, 404);
}

TEST_F(ModelResources, AListedModelIsChangedAndNotDropped) {
  EXPECT_EQ(ask("DELETE", "/api/models/gpt-9").status, 409);
  const Answer changed = ask("PUT", "/api/models/gpt-9", R"({"description":"ours"})");
  EXPECT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(find_bool(changed.body, "registered"), true);
  EXPECT_EQ(ask("DELETE", "/api/models/gpt-9").status, 204);
  EXPECT_EQ(find_bool(ask("GET", "/api/models/gpt-9").body, "registered"), false);
}

TEST_F(ModelResources, AProviderThatIsNotSetUpMeansNotOffered) {
  const Answer answer = ask("POST", "/api/models", R"({"model_id":"m","provider":"CUSTOM","capabilities":["CHAT"]})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(find_bool(answer.body, "offered"), false);
  EXPECT_EQ(find_string(*find(answer.body, "health"), "status"), "unknown");
}

TEST_F(ModelResources, UpsertsAndVersionsOf001) {
  const std::string body = R"({"model_id":"q4","name":"Q4","type":"llm","version":"1.0","size":700})";
  const Answer made = ask("POST", "/api/models/", body);
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(find_string(made.body, "full_id"), "local/q4");
  EXPECT_EQ(find_string(*find(made.body, "status"), "status"), "not_loaded");
  EXPECT_EQ(ask("POST", "/api/models/", body).status, 201) << "again";
  EXPECT_EQ(ask("POST", "/api/models", body).status, 201) << "its fields choose the form";
  EXPECT_EQ(ask("POST", "/api/models/", R"({"model_id":"q4"})").status, 422);
  EXPECT_EQ(ask("POST", "/api/models/q4/versions", R"({"version":"2","path":"q4/2.gguf"})").status, 201);
  EXPECT_EQ(ask("POST", "/api/models/q4/versions", R"({"version":"2"})").status, 400);
  EXPECT_EQ(ask("POST", "/api/models/q4/versions", R"({"version":"3","path":"/etc/x"})").status, 422);
  EXPECT_EQ(ask("POST", "/api/models/q4/versions/activate", R"({"version":"9"})").status, 404);
  EXPECT_EQ(ask("POST", "/api/models/q4/versions/activate", R"({"version":"2"})").status, 200);
  const Answer versions = ask("GET", "/api/models/q4/versions");
  EXPECT_EQ(find_bool(*find(versions.body, "2"), "active"), true);
  EXPECT_EQ(find_bool(*find(versions.body, "1.0"), "active"), false);
  EXPECT_EQ(ask("GET", "/api/models/none/versions").status, 404);
}

TEST_F(ModelResources, TypesAreFiltered) {
  ask("POST", "/api/models/", R"({"model_id":"yolo-v8","name":"YOLO","type":"vision","version":"8"})");
  EXPECT_THAT(ids(ask("GET", "/api/models/?type_filter=vision").body), ElementsAre("yolo-v8"));
  EXPECT_THAT(ids(ask("GET", "/api/models/?type_filter=LLM").body), ElementsAre("tiny", "gpt-9"));
  EXPECT_EQ(ask("GET", "/api/models/?type_filter=smell").status, 422);
}

TEST_F(ModelResources, WritingNeedsAnAdministrator) {
  keys_ = std::make_shared<const ApiKeys>(std::vector<ApiKeys::Key>{
      {.name = "user", .sha256 = sha256_hex("user")}, {.name = "boss", .sha256 = sha256_hex("boss"), .admin = true}});
  const std::string body = R"({"model_id":"m","provider":"x","capabilities":["CHAT"]})";
  for (const auto& [method, path] : {std::pair{"POST", "/api/models"},
                                     {"POST", "/api/models/"},
                                     {"PUT", "/api/models/gpt-9"},
                                     {"DELETE", "/api/models/gpt-9"},
                                     {"POST", "/api/models/gpt-9/versions"},
                                     {"POST", "/api/models/gpt-9/versions/activate"}}) {
    EXPECT_EQ(ask(method, path, body).status, 401) << path;
    const Answer refused = ask(method, path, body, "user");
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_THAT(refused.text, HasSubstr("Admin privileges required"));
  }
  EXPECT_EQ(ask("GET", "/api/models", "", "user").status, 200);
  EXPECT_EQ(ask("POST", "/api/models", body, "boss").status, 201);
}

TEST_F(ModelResources, SurfacesChooseTheRendering) {
  surface_ = "000";
  EXPECT_EQ(ask("GET", "/models").text, R"({"models":[]})");
  surface_ = "001";
  EXPECT_TRUE(find(ask("GET", "/api/models/gpt-9").body, "status")->is_object());
  surface_ = "";
  EXPECT_TRUE(find(ask("GET", "/api/models/gpt-9").body, "status")->is_string());
  EXPECT_TRUE(find(ask("GET", "/api/models/gpt-9").body, "load_status")->is_object());
}

TEST_F(ModelResources, ANameThatTwoProvidersHaveNeedsItsProvider) {
  register_one();
  ask("POST", "/api/models", R"({"model_id":"one","provider":"other","capabilities":["CHAT"]})");
  EXPECT_EQ(ask("GET", "/api/models/one").status, 400);
  const Answer one = ask("GET", "/api/models/other/one");
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(find_string(one.body, "model_id"), "other/one") << "the shortest name that finds it again";
}

}  // namespace
}  // namespace orchestra
