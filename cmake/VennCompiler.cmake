# venn_compile_options(target): C17, the warnings of the project, sanitizers where asked for.

# Debian keeps each machine's libraries in a folder of their own, below any prefix; CMake does so below /usr alone.
if(PROJECT_IS_TOP_LEVEL AND EXISTS /etc/debian_version AND CMAKE_LIBRARY_ARCHITECTURE AND NOT DEFINED CMAKE_INSTALL_LIBDIR)
    set(CMAKE_INSTALL_LIBDIR lib/${CMAKE_LIBRARY_ARCHITECTURE} CACHE PATH "Libraries, below the prefix")
endif()
include(GNUInstallDirs)

# A compiler cache, where there is one, makes the second build folder nearly free.
find_program(VENN_CCACHE ccache)
if(PROJECT_IS_TOP_LEVEL AND VENN_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${VENN_CCACHE})
endif()

function(venn_compile_options target)
    target_compile_features(${target} PRIVATE c_std_17)
    set_target_properties(${target} PROPERTIES C_STANDARD 17 C_EXTENSIONS ON
        POSITION_INDEPENDENT_CODE ON)
    target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
    # Left-out fields are zero, and zero is every field's default: params structs rely on it.
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wvla
        -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers)
    if(VENN_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(VENN_SANITIZE)
        # Their instrumentation misleads gcc's length analysis, which the plain builds rely on.
        target_compile_options(${target} PRIVATE -fsanitize=${VENN_SANITIZE}
            -fno-omit-frame-pointer -fno-sanitize-recover=all
            $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)
        target_link_options(${target} PUBLIC -fsanitize=${VENN_SANITIZE})
    endif()
endfunction()
