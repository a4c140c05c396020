using System.Text.Json;
using Laurel.GraphQL.Execution;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Execution;

/// <summary>The cases of graphql-js's own tests of execution that need no code of their own: the answer must be the recorded one.</summary>
public sealed class RecordedExecutionTests
{
    private static readonly JsonElement[] s_cases = RecordedData.Cases("execution-portable.json");

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_cases.Length)];

    [Fact]
    public void IsHeldToEveryCase_When_TheyAreCounted() => s_cases.Length.ShouldBe(54);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task TheAnswerIsTheRecordedOne_When_ADocumentIsExecuted(int index)
    {
        var recorded = s_cases[index];
        var schema = Answers.FromJson(Schemas.Assemble(recorded.GetProperty("sdl").GetString()!));
        var request = new ExecutionRequest
        {
            Document = Schemas.Parse(recorded.GetProperty("document").GetString()!),
            OperationName = recorded.GetProperty("operationName").GetString(),
            Variables = recorded.GetProperty("variables"),
            Root = recorded.GetProperty("rootValue"),
        };

        var result = await Executor.ExecuteAsync(schema, request, TestContext.Current.CancellationToken);

        Answers.Normalise(Answers.Write(result)).ShouldBe(Answers.Normalise(recorded.GetProperty("result").GetRawText()));
    }
}
