using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>What everything sees is a closed list: a new type in Kernel is a decision, not a convenience.</summary>
public sealed class KernelTypesTests
{
    private static readonly string[] s_types =
    [
        "BusinessCalendar",
        "Hash128",
        "IdGenerator",
        "Instant",
        "Invariant",
        "InvariantBrokenException",
        "MemberId",
        "Refusal",
        "TenantId",
    ];

    [Fact]
    public void AreExactlyTheList_When_TheAssemblyIsRead() =>
        typeof(Instant).Assembly.GetExportedTypes().Select(type => type.Name).ShouldBe(s_types, ignoreOrder: true);
}
