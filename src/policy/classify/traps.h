// Queries that mislead a search for key words. None is in the labelled set (the trainer refuses one): a refit of the
// classifier that gets more of them wrong than the model in use is not adopted (refit.h).
#pragma once

#include <array>
#include <string_view>

#include "domain/query_class.h"

namespace orchestra {

struct Trap {
  std::string_view text;
  QueryType type;
};

inline constexpr std::array kTraps = {
    // A key word inside another word.
    Trap{"What is the capital of Portugal?", QueryType::kSimple},
    Trap{"Who discovered photosynthesis?", QueryType::kSimple},
    Trap{"How many sentences are in a paragraph?", QueryType::kSimple},
    Trap{"Is Beethoven classical or romantic?", QueryType::kSimple},
    Trap{"What does out of context mean?", QueryType::kSimple},
    Trap{"How rapidly does bamboo grow?", QueryType::kSimple},
    // A key word in another sense.
    Trap{"Which school class is my six year old in?", QueryType::kSimple},
    Trap{"What is the function of the kidneys?", QueryType::kSimple},
    Trap{"There is an error on my phone bill, who can help?", QueryType::kSimple},
    Trap{"Is the python the longest snake?", QueryType::kSimple},
    Trap{"Which language is spoken on Java?", QueryType::kSimple},
    Trap{"Describe the taste of honey.", QueryType::kSimple},
    Trap{"Which document do I need to rent a car?", QueryType::kSimple},
    Trap{"How long should a text to my grandma be?", QueryType::kSimple},
    Trap{"How does the image of a company suffer from late deliveries?", QueryType::kSimple},
    Trap{"Where can I compare prices of shoes?", QueryType::kSimple},
    Trap{"I have to study hard tonight, which snack keeps me awake?", QueryType::kSimple},
    Trap{"Who won the prize for literature last year?", QueryType::kSimple},
    // Words of pictures and sounds about programs.
    Trap{"Write a Python function that crops an image with OpenCV.", QueryType::kTechnical},
    Trap{"My docker image does not start", QueryType::kTechnical},
    Trap{"how to store audio files in postgres", QueryType::kTechnical},
    Trap{"parse a pdf in java with a library", QueryType::kTechnical},
    // Words of research about programs.
    Trap{"Compare two arrays in JavaScript and return the difference.", QueryType::kTechnical},
    Trap{"analyze why my sql query is slow", QueryType::kTechnical},
    Trap{"Investigate a segfault in my C program", QueryType::kTechnical},
    // Words of programs, or no key word at all, about a picture or a sound.
    Trap{"I attached a screenshot of my python error", QueryType::kMultimedia},
    Trap{"what does the code in this photo do", QueryType::kMultimedia},
    Trap{"Analyse the attached image thoroughly.", QueryType::kMultimedia},
    Trap{"write down what the speaker says in the recording", QueryType::kMultimedia},
    Trap{"Draw a penguin on a skateboard", QueryType::kMultimedia},
    // Words of pictures or of programs in questions of research.
    Trap{"What do studies say about video games and attention?", QueryType::kResearch},
    Trap{"Compare the evidence for and against body cameras in policing.", QueryType::kResearch},
    Trap{"Review the literature on software engineering education.", QueryType::kResearch},
    Trap{"Analyse how war photography influenced public opinion, with sources.", QueryType::kResearch},
};

}  // namespace orchestra
