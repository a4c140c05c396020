using Laurel.Engine.Telemetry;
using Laurel.UnitTests.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

/// <summary>The hit ratio of a cache, as an alert sees it.</summary>
public sealed class CacheFiguresTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void SayNothing_When_FewAsked()
    {
        using var figures = Figures(hits: CacheFigures.LookupsMin - 1, misses: 0);

        figures.HitRatio().ShouldBeNull();
    }

    [Fact]
    public void AreTheShareOfHits_When_EnoughAsked()
    {
        using var figures = Figures(hits: 75, misses: 25);

        figures.HitRatio().ShouldBe(0.75);
    }

    [Fact]
    public void ForgetWhatWas_When_TwoMinutesHavePassed()
    {
        using var figures = Figures(hits: 1_000, misses: 0);
        Pass(figures);
        Pass(figures);
        for (var i = 0; i < CacheFigures.LookupsMin; i++)
        {
            figures.Miss();
        }

        figures.HitRatio().ShouldBe(0);
        Pass(figures);
        figures.HitRatio().ShouldBe(0);
        Pass(figures);
        figures.HitRatio().ShouldBeNull();
    }

    private void Pass(CacheFigures figures)
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        figures.HitRatio();
    }

    private CacheFigures Figures(int hits, int misses)
    {
        var figures = new CacheFigures("test", _clock);
        for (var i = 0; i < hits; i++)
        {
            figures.Hit();
        }

        for (var i = 0; i < misses; i++)
        {
            figures.Miss();
        }

        return figures;
    }
}
