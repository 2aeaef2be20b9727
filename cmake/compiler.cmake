# Language level, warnings and build types for everything in the tree.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

set(CMAKE_CXX_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "" FORCE)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wthread-safety -Wimplicit-fallthrough
                    -Wno-missing-designated-field-initializers -Wno-missing-field-initializers -Werror
                    $<$<NOT:$<CONFIG:Release>>:-fno-omit-frame-pointer>)
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ALLOW_DEPRECATED_HEADERS)
# Coroutine frames and handlers come from mimalloc's fast path: Asio's two-place cache misses with frames of many sizes,
# and then asks for aligned memory, which is slower than plain memory of the same alignment.
add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC
                        BOOST_ASIO_DISABLE_BOOST_ALIGN)
add_link_options(-fuse-ld=lld-19)

if(ORCHESTRA_SANITIZE)
  add_compile_options(-fsanitize=${ORCHESTRA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ORCHESTRA_SANITIZE})
endif()

# What users run is optimised as a whole, and by a record of where the server spends its time under load. scripts/profile
# makes the record; code that is newer than it is compiled without. Names in it carry no folder of this machine.
option(ORCHESTRA_RECORD_PROFILE "Build programs that write such a record" OFF)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options("SHELL:-mllvm -static-func-strip-dirname-prefix=99")
  if(ORCHESTRA_RECORD_PROFILE)
    add_compile_options(-fprofile-generate)
    add_link_options(-fprofile-generate)
  else()
    # Under a name of its content, so that another record compiles everything anew: objects of two records do not link.
    file(SHA256 ${CMAKE_SOURCE_DIR}/cmake/release.profdata orchestra_profile)
    set(orchestra_profile ${CMAKE_BINARY_DIR}/${orchestra_profile}.profdata)
    configure_file(${CMAKE_SOURCE_DIR}/cmake/release.profdata ${orchestra_profile} COPYONLY)
    # What is rarely run lies apart, the parts of functions too: what is often run then takes few pages of memory.
    add_compile_options(-flto=thin -fprofile-use=${orchestra_profile} -fsplit-machine-functions
                        -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date -Wno-backend-plugin)
    add_link_options(-flto=thin -fsplit-machine-functions LINKER:-z,keep-text-section-prefix)
  endif()
endif()

# Precompiled headers and ccache: the compiler must not stamp them with a time.
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)
set(orchestra_ccache ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ccache)
set(CMAKE_CXX_COMPILER_LAUNCHER "${orchestra_ccache}" CACHE STRING "" FORCE)
