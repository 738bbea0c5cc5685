install(TARGETS venn EXPORT venn-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/venn TYPE INCLUDE)
