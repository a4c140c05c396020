using System.Text.Json;
using System.Text.RegularExpressions;
using Laurel.Engine.Events;
using Laurel.Membership.Events;
using Laurel.UnitTests.Architecture;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Events;

/// <summary>The list of event types: well named, described by schemas, and all of it in the reference.</summary>
public sealed partial class EventTypesTests
{
    public static TheoryData<string> Names => [.. MemberEvents.All.Select(type => type.Name)];

    /// <summary>The fields that <c>1-architecture.md</c> of the seeds gives its events.</summary>
    [Theory]
    [InlineData("member.registered", "member_id initial_level")]
    [InlineData("level.upgraded", "member_id old_level new_level upgrade_reason")]
    [InlineData("level.downgraded", "member_id old_level new_level downgrade_reason")]
    [InlineData("points.earned", "member_id points event_type related_order entry_id balance_after expires_at rule")]
    public void HaveTheFieldsOfTheSeeds_When_Listed(string name, string fields) =>
        fields.Split(' ').Except(TypeOf(name).Fields.Select(field => field.Name)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Names))]
    public void AreDescribedBySchemas_When_TheirFieldsAreRead(string name)
    {
        var type = TypeOf(name);
        using var schema = JsonDocument.Parse(EventSchema.Of(type));
        var root = schema.RootElement;

        NamePattern().IsMatch(name).ShouldBeTrue();
        root.GetProperty("$schema").GetString().ShouldBe("https://json-schema.org/draft/2020-12/schema");
        root.GetProperty("$id").GetString().ShouldBe(type.SchemaUri);
        root.GetProperty("required").EnumerateArray().Select(e => e.GetString()).ShouldBe(type.Fields.Select(field => field.Name));
        root.GetProperty("properties").EnumerateObject().Select(p => p.Name).ShouldBe(type.Fields.Select(field => field.Name));
        type.Fields.ShouldAllBe(field => FieldPattern().IsMatch(field.Name) && field.Meaning.Length > 0);
        type.Fields[0].Name.ShouldBe("member_id");
    }

    [Fact]
    public void AreAllInTheReference_When_ItsPageIsRead()
    {
        var page = SourceTree.Read("docs/reference/events.md");

        MemberEvents.All.Select(type => type.Name).ShouldBeUnique();
        MemberEvents.All.Where(type => !page.Contains($"`{type.Name}`", StringComparison.Ordinal)).ShouldBeEmpty();
        MemberEvents.All.SelectMany(type => type.Fields).Select(field => field.Name).Distinct()
            .Where(field => !page.Contains($"`{field}`", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    private static EventType TypeOf(string name) => MemberEvents.All.Single(type => type.Name == name);

    [GeneratedRegex(@"^[a-z]+\.[a-z]+(_[a-z]+)?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[a-z]+(_[a-z]+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FieldPattern();
}
