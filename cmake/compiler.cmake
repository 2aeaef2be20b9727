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
                    -Wno-missing-designated-field-initializers -Wno-missing-field-initializers -Werror -fno-omit-frame-pointer)
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ALLOW_DEPRECATED_HEADERS)
add_link_options(-fuse-ld=lld-19)

if(ORCHESTRA_SANITIZE)
  add_compile_options(-fsanitize=${ORCHESTRA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ORCHESTRA_SANITIZE})
endif()

# Precompiled headers and ccache: the compiler must not stamp them with a time.
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)
set(orchestra_ccache ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ccache)
set(CMAKE_CXX_COMPILER_LAUNCHER "${orchestra_ccache}" CACHE STRING "" FORCE)
