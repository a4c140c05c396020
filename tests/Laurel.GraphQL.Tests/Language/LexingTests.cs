using System.Text.Json;
using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>The lexer gives the tokens and the faults that graphql-js gives.</summary>
public sealed class LexingTests
{
    private static readonly JsonElement[] s_cases = RecordedData.Cases("lexer-cases.json");

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_cases.Length)];

    [Fact]
    public void IsHeldToEveryCase_When_TheyAreCounted() => s_cases.Length.ShouldBe(157);

    [Theory]
    [MemberData(nameof(Cases))]
    public void AgreesWithTheRecordedTokens_When_ATextIsRead(int index)
    {
        var recorded = s_cases[index];
        var source = new Source(RecordedData.StringOf(recorded, "text"));

        var (tokens, error) = Read(source);

        var expected = recorded.GetProperty("tokens").EnumerateArray().Select(token => new Seen(
            token.GetProperty("kind").GetString()!,
            token.GetProperty("start").GetInt32(),
            token.GetProperty("end").GetInt32(),
            new(token.GetProperty("line").GetInt32(), token.GetProperty("column").GetInt32()),
            token.TryGetProperty("value", out _) ? RecordedData.StringOf(token, "value") : null));
        tokens.ShouldBe(expected);
        if (recorded.TryGetProperty("error", out var fault))
        {
            error.ShouldNotBeNull();
            error.Message.ShouldBe(RecordedData.StringOf(fault, "message"));
            error.Position.ShouldBe(RecordedData.PositionOf(fault.GetProperty("locations")));
        }
        else
        {
            error.ShouldBeNull();
        }
    }

    private static (List<Seen> Tokens, SyntaxError? Error) Read(Source source)
    {
        var tokens = new List<Seen>();
        var lexer = new Lexer(source, int.MaxValue);

        // A token takes a character at least, and the end of the file is one more.
        for (var count = 0; count <= source.Text.Length; count++)
        {
            lexer.Advance();
            if (lexer.Error is not null)
            {
                break;
            }

            var value = lexer.Kind >= TokenKind.Name ? lexer.Value : null;
            tokens.Add(new(TokenKinds.Describe(lexer.Kind).Trim('"'), lexer.Start, lexer.End, source.PositionOf(lexer.Start), value));
            if (lexer.Kind == TokenKind.EndOfFile)
            {
                break;
            }
        }

        return (tokens, lexer.Error);
    }

    private sealed record Seen(string Kind, int Start, int End, SourcePosition Position, string? Value);
}
